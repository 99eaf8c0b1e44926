// What a certificate request is granted: proof of possession is checked (RFC 2986 §3); the names and the subject are its own unless
// others are given. Its extensions are a wish that nothing copies: whatever else it asks for is told.
import {
  extensionName,
  formatGeneralName,
  type GeneralName,
  type ParsedRequest,
  type Subject,
  subjectFromName,
  verifyRequest,
  X509Error,
} from '@gatehouse/x509';
import { CliError, exitStatus } from '../../../exit-status.ts';
import { cannotUse } from '../read-files.ts';

/** What the command line puts in place of the request's own. */
export interface Wish {
  subject: Subject;
  names: GeneralName[] | undefined;
}

export interface Granted {
  subject: Subject;
  names: GeneralName[];
  /** What the request asks for and does not get. */
  leftOut: string[];
}

/** Throws `CliError` unless whoever asks holds the key, and its subject can be written. */
export function grant(path: string, request: ParsedRequest, wish: Wish): Granted {
  try {
    verifyRequest(request);
    const hasSubject = Object.keys(wish.subject).length > 0;
    const asked = request.extensions.subjectAltNames;
    const names = wish.names ?? asked.filter(isWritable);
    const others = wish.names === undefined ? asked.filter((name) => !isWritable(name)) : [];
    const extensions = request.requestedExtensions
      .map(({ oid }) => extensionName(oid))
      .filter((name) => name !== 'subjectAltName');
    return {
      subject: hasSubject ? wish.subject : subjectFromName(request.subject),
      names,
      leftOut: [...extensions, ...others.map(formatGeneralName)],
    };
  } catch (error) {
    if (error instanceof X509Error && error.code === 'name_invalid') throw oddSubject(path, error);
    throw cannotUse(path, error);
  }
}

/** Left out unasked, a part of a name could make it somebody else's. */
function oddSubject(path: string, cause: X509Error): CliError {
  const advice = 'give the subject anew, with --common-name and the like';
  return new CliError(
    exitStatus.failed,
    `${path}: its subject cannot be written, ${cause.message}: ${advice}`,
    {
      cause,
    },
  );
}

function isWritable(name: ParsedRequest['extensions']['subjectAltNames'][number]): name is GeneralName {
  return name.type !== 'uninterpreted' && name.type !== 'directoryName';
}

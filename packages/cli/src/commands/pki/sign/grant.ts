// The names and the subject for a certificate request. Checks the proof of possession (RFC 2986 §3). They
// come from the request unless the command line gives others. Copies no extension, and reports all other
// requested parts.
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
import { cannotUse } from '../../../input/pki-files.ts';

/** Names and a subject from the command line, which replace those of the request. */
export interface Wish {
  subject: Subject;
  names: GeneralName[] | undefined;
}

export interface Granted {
  subject: Subject;
  names: GeneralName[];
  /** The requested parts that the certificate does not get. */
  leftOut: string[];
}

/** Throws `CliError` unless the request is signed by its key, and its subject can be written. */
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

/** No part of the name may be dropped silently: the rest could be another subject's name. */
function oddSubject(path: string, cause: X509Error): CliError {
  const advice = 'give another subject with --common-name and the other options';
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

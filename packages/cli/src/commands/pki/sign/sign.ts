// `gatehouse pki sign`: a certificate for a request (RFC 5280 §4, RFC 2986). Checks the proof of possession.
// The names are the request's unless others are given; the extensions come from the profile. No certificate
// is valid longer than its issuer.
import { randomBytes } from 'node:crypto';
import {
  type CertificateProfile,
  clientProfile,
  createIssuer,
  encodePem,
  formatGeneralName,
  type IssuedCertificate,
  intermediateProfile,
  type ParsedCertificate,
  type ParsedRequest,
  type Publication,
  readCertificate,
  serverClientProfile,
  serverProfile,
  X509Error,
} from '@gatehouse/x509';
import { CliError, exitStatus, usageError } from '../../../exit-status.ts';
import { cannotUse, readRequestFile } from '../../../input/pki-files.ts';
import { checkOutputs, writeOutputs } from '../../../output/output-files.ts';
import { remark, visible } from '../../../output/print.ts';
import { shortTime } from '../../../output/times.ts';
import type { CliContext } from '../../../process.ts';
import { type AuthorityFlags, type DeskAuthority, readAuthority } from '../authority.ts';
import { issuedFacts, requireClean, validityOf } from '../issue.ts';
import { report } from '../report.ts';
import { namesOf, type SubjectFlags, subjectOf } from '../subject.ts';
import { type Granted, grant } from './grant.ts';

export interface PkiSignFlags extends AuthorityFlags, SubjectFlags {
  out: string;
  profile: 'server' | 'client' | 'both' | 'intermediate';
  name?: readonly string[];
  /** Seconds. */
  lifetime?: number;
  chain?: boolean;
  crlUrl?: string;
  ocspUrl?: string;
  issuerUrl?: string;
  force?: boolean;
  json?: boolean;
}

export async function pkiSign(this: CliContext, flags: PkiSignFlags, path: string): Promise<void> {
  const { out, ca, caKey, passphraseFile } = flags;
  const now = new Date();
  const rules = { force: flags.force, inputs: [path, ca, caKey, passphraseFile] };
  const wish = { subject: subjectOf(flags), names: flags.name && namesOf(flags.name) };
  const profile = PROFILES[flags.profile](publicationOf(flags));
  await checkOutputs([out], rules);
  const request = await readRequestFile(path);
  const granted = grant(path, request, wish);
  const authority = await readAuthority(flags, this.process, now);
  const issued = issue(path, { flags, profile, request, authority, granted, now });
  requireClean(issued.der);
  await writeOutputs([{ path: out, content: chainOf(issued, flags, authority) }], rules);
  const { names, leftOut } = granted;
  if (!flags.json && leftOut.length > 0) {
    remark(this.process, visible(`gatehouse: note: ${path} also asks for ${leftOut.join(', ')}: left out`));
  }
  const texts = names.map(formatGeneralName);
  const facts = { file: out, profile: flags.profile, names: texts, leftOut, ...issuedFacts(issued) };
  const whom = texts.join(', ') || readCertificate(issued.der).subject.text;
  const sentence = `certificate for ${whom} in ${out}, valid until ${shortTime(facts.notAfter)}`;
  report(this.process, flags, { facts, sentence });
}

interface Order {
  flags: PkiSignFlags;
  profile: CertificateProfile;
  request: ParsedRequest;
  authority: DeskAuthority;
  granted: Granted;
  now: Date;
}

const DEFAULT_LIFETIME_SECONDS = { leaf: 90 * 86_400, intermediate: 1825 * 86_400 } as const;

const PROFILES: Record<PkiSignFlags['profile'], (publication: Publication) => CertificateProfile> = {
  server: serverProfile,
  client: clientProfile,
  both: serverClientProfile,
  intermediate: intermediateProfile,
};

function issue(path: string, { authority, granted, ...order }: Order): IssuedCertificate {
  const { certificate, issuers, signer } = authority;
  try {
    const issuer = createIssuer({
      certificate: certificate.der,
      ...(issuers.length > 0 && { chain: pemOf(issuers) }),
      signer,
      randomBytes,
    });
    return issuer.issue({
      profile: order.profile,
      subject: granted.subject,
      subjectAltNames: granted.names,
      publicKey: order.request.spki,
      ...validityUnder(authority, order.flags, order.now),
    });
  } catch (error) {
    if (error instanceof X509Error && error.code === 'subject_missing') throw nameless(path, error);
    throw cannotUse(path, error);
  }
}

function nameless(path: string, cause: X509Error): CliError {
  return new CliError(exitStatus.failed, `${path}: ${cause.message}: give --name`, { cause });
}

/** Without --lifetime: the usual lifetime, but at most until the issuer expires. */
function validityUnder({ certificate }: DeskAuthority, { lifetime, profile }: PkiSignFlags, now: Date) {
  const validity = validityOf(
    lifetime ?? DEFAULT_LIFETIME_SECONDS[profile === 'intermediate' ? 'intermediate' : 'leaf'],
    now,
  );
  const outlives = validity.notAfter > certificate.notAfter;
  if (outlives && lifetime !== undefined) {
    const until = shortTime(certificate.notAfter.toISOString());
    throw new CliError(exitStatus.failed, `the authority expires on ${until}: give a shorter --lifetime`);
  }
  return outlives ? { ...validity, notAfter: certificate.notAfter } : validity;
}

/** Plain HTTP on purpose: the fetched objects are signed, and HTTPS would need them first (RFC 5280 §8). */
function publicationOf({ crlUrl, ocspUrl, issuerUrl }: PkiSignFlags): Publication {
  const options = Object.entries({ '--crl-url': crlUrl, '--ocsp-url': ocspUrl, '--issuer-url': issuerUrl });
  const odd = options.find(([, url]) => url !== undefined && !/^http:\/\/[^/]/.test(url));
  if (odd !== undefined) throw usageError(`${odd[0]} should be a URL that begins with http://`);
  const access = { ...(ocspUrl && { ocsp: [ocspUrl] }), ...(issuerUrl && { caIssuers: [issuerUrl] }) };
  return {
    ...(Object.keys(access).length > 0 && { authorityInfoAccess: access }),
    ...(crlUrl && { cRLDistributionPoints: [crlUrl] }),
  };
}

/** The certificates that a TLS server sends: all except the root, which clients have (RFC 8446 §4.4.2). */
function chainOf(issued: IssuedCertificate, { chain }: PkiSignFlags, authority: DeskAuthority): string {
  if (!chain) return issued.pem;
  const above = [authority.certificate, ...authority.issuers].filter(
    ({ subject, issuer }) => !Buffer.from(subject.der).equals(issuer.der),
  );
  return issued.pem + pemOf(above);
}

function pemOf(certificates: readonly ParsedCertificate[]): string {
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

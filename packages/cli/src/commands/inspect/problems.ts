// All problems, each with a stable code, how to fix it, and a command if there is one.
import type { CertificateProblem, ParsedCertificate, X509ErrorCode } from '@gatehouse/x509';
import { publicKeyType, X509Error } from '@gatehouse/x509';
import type { Findings } from './certificates.ts';
import { fixOf, type Place } from './fixes.ts';
import type { Negotiated, Problem, RevocationReport } from './report.ts';

/** The problems of the certificates, in the order of the chain. */
export function certificateProblems(findings: Findings, place: Place): Problem[] {
  const { chain, problems, missing, isRooted } = findings;
  const [leaf] = chain;
  const found = problems.map((problem) => problemOf(problem, findings, place));
  const incomplete =
    missing === undefined || !isRooted
      ? []
      : [
          errorOf(
            'missing_intermediate',
            `the server does not send the certificate of ${missing.subject}`,
            place,
          ),
        ];
  return [...incomplete, ...found, ...(leaf === undefined ? [] : weakKey(leaf, place))];
}

function problemOf(problem: CertificateProblem, findings: Findings, place: Place): Problem {
  const { certificate, error } = problem;
  const isLast = certificate === findings.chain.at(-1);
  if (isLast && findings.hasNamesake && NO_WAY_UP.has(error.code)) {
    const what = `${error.message}. A trusted root has the name of its issuer, but another key`;
    return errorOf('unknown_root', what, place);
  }
  return errorOf(codeOf(problem, findings), error.message, place);
}

const NO_WAY_UP: ReadonlySet<X509ErrorCode> = new Set(['issuer_unknown', 'signature_invalid']);

/** The reason for our client's refusal, by the codes of the verification. */
function codeOf({ certificate, error }: CertificateProblem, { chain, hasStrays }: Findings): string {
  const isLeaf = certificate === chain[0];
  switch (error.code) {
    case 'certificate_expired':
      return isLeaf ? 'expired' : 'issuer_expired';
    case 'name_mismatch':
      return certificate.subjectAltNames.length === 0 ? 'common_name' : 'wrong_name';
    case 'issuer_unknown':
      return unknownIssuer(certificate, isLeaf, hasStrays);
    default:
      return CODES[error.code] ?? 'invalid_chain';
  }
}

function unknownIssuer(last: ParsedCertificate, isLeaf: boolean, hasStrays: boolean): string {
  if (isLeaf && Buffer.compare(last.subject.der, last.issuer.der) === 0) return 'self_signed';
  const isPublished = (last.authorityInfoAccess?.caIssuers ?? []).length > 0;
  return isLeaf && (isPublished || hasStrays) ? 'missing_intermediate' : 'unknown_root';
}

const CODES: Partial<Record<X509ErrorCode, string>> = {
  certificate_not_yet_valid: 'not_yet_valid',
  signature_invalid: 'bad_signature',
  purpose_mismatch: 'purpose',
  name_constraint_violated: 'name_constraint',
  path_length_exceeded: 'path_length',
  issuer_invalid: 'issuer_invalid',
  extension_unknown: 'critical_extension',
  algorithm_unsupported: 'weak_signature',
  key_unsupported: 'weak_key',
};

/** A signature is verified with the key of its issuer, so the server's own key was not checked yet. */
function weakKey({ spki }: ParsedCertificate, place: Place): Problem[] {
  const type = typeOf(spki);
  const [, bits] = /^RSA-(?:PSS-)?(\d+)$/.exec(type) ?? [];
  if (type !== 'unknown' && (bits === undefined || Number(bits) >= RSA_MIN_BITS)) return [];
  const what = type === 'unknown' ? 'the kind or the curve of the key is not accepted' : `the key is ${type}`;
  return [errorOf('weak_key', what, place)];
}

const RSA_MIN_BITS = 2048;

function typeOf(spki: Uint8Array): string {
  try {
    return publicKeyType(spki);
  } catch (error) {
    if (error instanceof X509Error) return 'unknown';
    throw error;
  }
}

/** Problems of the connection itself: old versions, old suites. */
export function connectionProblems(
  { version, cipher, group }: Negotiated,
  versions: Readonly<Record<string, boolean>> | null,
  place: Place,
): Problem[] {
  const old = Object.entries(versions ?? {}).filter(([name, accepted]) => accepted && OLD.has(name));
  if (OLD.has(version))
    return [errorOf('protocol_version', `the server supports nothing newer than ${version}`, place)];
  return [
    ...old.map(([name]) => warningOf('weak_version', `the server also accepts ${name}`, place)),
    ...(group === null ? [warningOf('weak_exchange', `${cipher} has no forward secrecy`, place)] : []),
    ...(/_CBC_|_RC4_|_3DES_|_NULL_/.test(cipher)
      ? [warningOf('weak_cipher', `the server chose ${cipher}`, place)]
      : []),
    ...(/^DH-(?:\d{3}|1\d{3})$/.test(group ?? '')
      ? [warningOf('weak_group', `the server chose ${group}`, place)]
      : []),
  ];
}

const OLD = new Set(['TLSv1', 'TLSv1.1']);

/** Problems that the sources of revocation report. */
export function revocationProblems(
  { verdict, mustStaple, sources }: RevocationReport,
  place: Place,
): Problem[] {
  const stapled = sources.find(({ kind }) => kind === 'stapled');
  const problems: Problem[] = [];
  const revoked = sources.find(({ status }) => status === 'revoked');
  if (verdict === 'revoked')
    problems.push(errorOf('revoked', `the certificate was revoked ${revoked?.detail}`, place));
  if (mustStaple && stapled?.status !== 'good' && verdict !== 'revoked') {
    const found = stapled === undefined ? 'none' : `one that cannot be used (${stapled.detail})`;
    problems.push(
      errorOf(
        'must_staple',
        `the certificate demands a stapled OCSP answer, and the server sent ${found}`,
        place,
      ),
    );
  } else if (stapled?.status === 'unknown') {
    problems.push(
      warningOf('bad_staple', `the stapled OCSP answer cannot be used: ${stapled.detail}`, place),
    );
  }
  if (verdict === 'unknown')
    problems.push(warningOf('revocation_unknown', 'no source says whether it was revoked', place));
  return problems;
}

export function errorOf(code: string, what: string, place: Place): Problem {
  return { code, severity: 'error', what, ...fixOf(code, place) };
}

export function warningOf(code: string, what: string, place: Place): Problem {
  return { code, severity: 'warning', what, ...fixOf(code, place) };
}

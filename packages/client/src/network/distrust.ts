// Why the certificate of a server is not trusted, and what to do: one row for each reason. OpenSSL gives a
// code or only a sentence. If several causes have the same one, the chain shows the cause.
import { X509Certificate } from 'node:crypto';
import type { TlsReason } from '../tls-reason.ts';

/** The words for a reason. `what` is about the certificate: "it has expired". */
export interface Distrust {
  reason: TlsReason;
  what: string;
  fix: string;
}

/** The reason of an error of node:tls; undefined for an error that is not about the certificate. */
export function distrustOf(error: Error, chain: readonly X509Certificate[]): Distrust | undefined {
  const known = 'distrust' in error ? (error.distrust as Distrust) : undefined;
  if (known !== undefined) return known;
  const code = 'code' in error ? String(error.code) : '';
  const reason = code === 'UNSPECIFIED' ? reasonOfText(error.message) : reasonOfCode(code, chain);
  return reason && (unknownIssuer(reason, chain) ?? distrust(reason));
}

/** Which certificate is missing or not trusted. OpenSSL says only that the chain does not lead to a root. */
function unknownIssuer(reason: TlsReason, chain: readonly X509Certificate[]): Distrust | undefined {
  const top = chain.at(-1);
  if (top === undefined) return undefined;
  const { fix } = distrust(reason);
  const issuer = commonNameIn(top.issuer);
  // All other links were verified, so the trusted issuer did not sign the last one.
  if (reason === 'bad_signature' && chain.length > 1) {
    const what = `no trusted root signed it: the trusted certificate with the name of its issuer, ${issuer}, has another key`;
    return { reason: 'unknown_root', what, fix: OF_NAMESAKE };
  }
  if (reason === 'missing_intermediate') {
    const what = `no trusted root signed it, and the server did not send the certificate of its issuer, ${issuer}`;
    return { reason, what, fix };
  }
  if (reason !== 'unknown_root') return undefined;
  if (top.checkIssued(top)) {
    return { reason, what: `no trusted root signed it: its root, ${issuer}, is not trusted here`, fix };
  }
  if (chain.length > 1) {
    const what = `no trusted root signed it: the issuer of its authority, ${issuer}, is not trusted here`;
    return { reason, what, fix };
  }
  const what = `no trusted root signed it: its issuer, ${issuer}, is not trusted here, and the server did not send it`;
  const orChain = `${fix}; if that issuer is no root, ask its operator to send the whole chain`;
  return { reason, what, fix: orChain };
}

const OF_NAMESAKE =
  'do not trust it, unless its operator says that the authority has a new key; then trust its new root';
const MOST_OF_NAME = 64;

/** The server chooses this name of several lines, so control characters are removed and it is truncated. */
function commonNameIn(name: string): string {
  const lines = name.split('\n');
  const line = lines.findLast((each) => each.startsWith('CN=')) ?? lines.join(', ');
  return `"${line
    .replace(/^CN=/, '')
    .replaceAll(/[\p{Cc}\p{Cf}"]/gu, '?')
    .slice(0, MOST_OF_NAME)}"`;
}

/** The row of a reason. */
export function distrust(reason: TlsReason): Distrust {
  const [what, fix] = ROWS[reason];
  return { reason, what, fix };
}

/** An error with its reason, for checks that OpenSSL does not make. */
export function distrustError(reason: TlsReason, detail?: string): Error {
  const row = distrust(reason);
  const what = detail === undefined ? row.what : `${row.what} (${detail})`;
  return Object.assign(new Error(what), { code: 'DISTRUSTED', distrust: { ...row, what } });
}

const ROWS: Readonly<Record<TlsReason, readonly [what: string, fix: string]>> = {
  expired: ['it has expired', 'ask its operator to renew it, or check the clock here'],
  issuer_expired: [
    'a certificate between it and the root has expired',
    'ask its operator to send the new one of its authority, or check the clock here',
  ],
  not_yet_valid: ['it is not valid yet', 'check the clock here and there'],
  wrong_name: ['it is not for this name', 'use a name that it lists'],
  common_name: [
    'it is not for this name, because a common name does not count (RFC 9525 §2)',
    'ask its operator for a certificate with this name as subjectAltName',
  ],
  self_signed: [
    'no trusted root signed it, because it is self-signed',
    'trust it as a root, if this is the server you mean and its pin is right',
  ],
  unknown_root: ['no trusted root signed it', 'trust its root certificate, if this is the server you mean'],
  missing_intermediate: [
    'no trusted root signed it, and the server sent no intermediate certificate',
    'ask its operator to send the whole chain, or trust its issuer, if this is the server you mean',
  ],
  revoked: ['it was revoked', 'do not use it, and ask its operator for a new one'],
  revocation_unknown: [
    'no valid source says whether it was revoked',
    'give a current revocation list, or try again when its responder answers',
  ],
  must_staple: [
    'it demands a stapled OCSP answer, and the server sent no valid one (RFC 7633)',
    'ask its operator to switch on OCSP stapling, or to restart the server',
  ],
  weak_key: [
    'its key, or that of its issuer, is too short',
    'ask its operator for a certificate with a key of P-256, or of RSA with 2048 bits or more',
  ],
  weak_signature: [
    'its signature, or that of its issuer, uses SHA-1 or MD5',
    'ask its operator for a certificate that is signed with SHA-256',
  ],
  purpose: [
    'it, or its issuer, was not issued for this purpose',
    'ask its operator for a certificate with the purpose serverAuth',
  ],
  name_constraint: [
    'its issuer may not issue certificates for this name',
    'ask its operator for a certificate of another authority',
  ],
  path_length: [
    'its chain has more authorities than one of them allows',
    'ask its operator for a certificate with fewer authorities between it and the root',
  ],
  issuer_invalid: [
    'its issuer is not an authority that may sign certificates',
    'do not trust it, and ask its operator for a certificate of a real authority',
  ],
  bad_signature: [
    'its signature is not valid',
    'do not trust it: it was changed, or its issuer did not sign it',
  ],
  critical_extension: [
    'it has a critical extension that is not known here (RFC 5280 §4.2)',
    'ask its operator for a certificate without it',
  ],
  invalid_chain: ['its chain is not valid', 'ask its operator to renew it'],
  pin_mismatch: ['it has none of the pinned keys', 'compare the pins with its operator'],
  client_certificate: ['the server does not accept the client certificate', 'get one that was issued for it'],
  protocol_version: ['it is older than TLS 1.2', 'ask its operator to switch on TLS 1.2 or 1.3'],
  handshake: ['the handshake failed', 'check that the port supports TLS 1.2 or 1.3'],
};

/**
 * The names of OpenSSL's verification codes in Node ("X509 certificate error codes"), and Node's own for
 * names.
 */
const CODES: Readonly<Record<string, TlsReason>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong_name',
  HOSTNAME_MISMATCH: 'wrong_name',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not_yet_valid',
  CERT_REVOKED: 'revoked',
  UNABLE_TO_GET_CRL: 'revocation_unknown',
  CRL_HAS_EXPIRED: 'revocation_unknown',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_root',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_root',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_root',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_root',
  CERT_UNTRUSTED: 'unknown_root',
  CERT_REJECTED: 'unknown_root',
  CERT_SIGNATURE_FAILURE: 'bad_signature',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'bad_signature',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'invalid_chain',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: 'invalid_chain',
  ERROR_IN_CERT_NOT_AFTER_FIELD: 'invalid_chain',
  CERT_CHAIN_TOO_LONG: 'path_length',
  PATH_LENGTH_EXCEEDED: 'path_length',
  INVALID_PURPOSE: 'purpose',
  INVALID_CA: 'issuer_invalid',
};

/**
 * Node has one code, UNSPECIFIED, for the others. These are its sentences in
 * X509_verify_cert_error_string(3).
 */
const SENTENCES: readonly (readonly [RegExp, TlsReason])[] = [
  [/key too weak/, 'weak_key'],
  [/digest algorithm too weak/, 'weak_signature'],
  [/(?:permitted|excluded) subtree|name constraint/, 'name_constraint'],
  [/unhandled critical/, 'critical_extension'],
  [/key usage does not include certificate signing|invalid CA/i, 'issuer_invalid'],
  [/path length/, 'path_length'],
  [/revoked/, 'revoked'],
  [/CRL/, 'revocation_unknown'],
];

function reasonOfText(sentence: string): TlsReason {
  return SENTENCES.find(([pattern]) => pattern.test(sentence))?.[1] ?? 'invalid_chain';
}

function reasonOfCode(code: string, chain: readonly X509Certificate[]): TlsReason | undefined {
  const reason = CODES[code];
  return reason === undefined ? undefined : (refined(reason, code, chain) ?? reason);
}

/** Reasons that OpenSSL does not tell apart. */
function refined(
  reason: TlsReason,
  code: string,
  [leaf, ...issuers]: readonly X509Certificate[],
): TlsReason | undefined {
  if (leaf === undefined) return undefined;
  if (reason === 'wrong_name' && leaf.subjectAltName === undefined) return 'common_name';
  if (reason === 'purpose' && issuers.some(({ ca }) => !ca)) return 'issuer_invalid';
  if (reason === 'expired' && leaf.validToDate > new Date()) return 'issuer_expired';
  // A single certificate of an unknown root looks the same. Only an intermediate is published at an address.
  const isAlone = code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
  return isAlone && leaf.infoAccess?.includes('CA Issuers') ? 'missing_intermediate' : undefined;
}

/** The certificates in an error, as PEM. */
export function certificatesOf(pem: readonly string[]): X509Certificate[] {
  return pem.map((each) => new X509Certificate(each));
}

/** Why a handshake failed, by the code of OpenSSL; undefined for an error of another kind. */
export function handshakeRefusal(code: string): { reason: TlsReason; text: string } | undefined {
  if (!code.startsWith('ERR_SSL_')) return undefined;
  if (VERSION_CODES.test(code)) {
    const text = `it has no version of TLS that is allowed here (${code}): ask its operator to switch on TLS 1.2 or 1.3`;
    return { reason: 'protocol_version', text };
  }
  const hint = NOT_TLS.test(code) ? ', and may use plain HTTP or another protocol' : '';
  const text = `the TLS handshake failed (${code}); check that the port supports TLS 1.2 or 1.3${hint}`;
  return { reason: 'handshake', text };
}

const VERSION_CODES =
  /^ERR_SSL_(?:UNSUPPORTED_PROTOCOL|TLSV1_ALERT_PROTOCOL_VERSION|VERSION_TOO_LOW|NO_PROTOCOLS_AVAILABLE)$/;
const NOT_TLS =
  /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_TOO_SMALL|BAD_RECORD_TYPE)$/;

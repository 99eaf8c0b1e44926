// The failures of TLS connections in words, for both sides: who refused whom, why, and what to do.
import { ClientError, type ClientErrorCode } from '../errors.ts';

/** What a side of the connection knows when it fails. */
export interface TlsSituation {
  /** `host:port` of the other side. */
  peer: string;
  /** Whether this side has a certificate. */
  hasCertificate: boolean;
}

/** The error of a client's connection. An error that is already a `ClientError` is not changed. */
export function clientFailure(error: Error, { peer, hasCertificate }: TlsSituation): ClientError {
  if (error instanceof ClientError) return error;
  const code = codeOf(error);
  const fail = (kind: ClientErrorCode, message: string) => new ClientError(kind, message, { cause: error });
  const distrust = distrustOf(code);
  if (distrust !== undefined)
    return fail('tls_trust', `the certificate of ${peer} is not trusted: ${distrust}`);
  const alert = certificateAlert(code);
  if (alert === 'CERTIFICATE_REQUIRED' || (alert !== undefined && !hasCertificate)) {
    return fail('client_certificate', `${peer} requires a client certificate: give one with its key`);
  }
  if (alert !== undefined) {
    const message = `${peer} does not accept the client certificate (${alert}): get one that was issued for it`;
    return fail('client_certificate', message);
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return fail('disconnected', `${peer} closed the connection: see its log`);
  }
  return fail('connect', `cannot connect to ${peer}: ${connectReason(code)}`);
}

/** A server that closes the connection at once after the handshake. Node's servers send no alert. */
export function closedAtOnce({ peer, hasCertificate }: TlsSituation): ClientError {
  if (!hasCertificate) {
    const message = `${peer} closed the connection after the handshake: it may require a client certificate`;
    return new ClientError('client_certificate', message);
  }
  const message = `${peer} closed the connection after it received the client certificate`;
  return new ClientError(
    'client_certificate',
    `${message}, which it probably does not accept: check its issuer, its purpose and its dates`,
  );
}

/** Why a server refused a client, or a client this server. */
export function serverFailure(error: Error, peer: string, authorizationError: unknown): ClientError {
  const code = codeOf(error);
  const fail = (kind: ClientErrorCode, message: string) => new ClientError(kind, message, { cause: error });
  const certificate = `refused the certificate of the client ${peer}`;
  if (typeof authorizationError === 'string') {
    const reason = distrustOf(authorizationError) ?? authorizationError;
    return fail('client_certificate', `${certificate}: ${reason}`);
  }
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') {
    const message = `refused the client ${peer}: it sent no certificate, and this server requires one`;
    return fail('client_certificate', message);
  }
  const alert = certificateAlert(code);
  if (alert !== undefined) {
    const message = `the client ${peer} does not accept the certificate of this server (${alert}): give it the root`;
    return fail('tls_trust', message);
  }
  return fail('connect', `the TLS handshake with the client ${peer} failed: ${handshakeReason(error)}`);
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The name of the other side's alert about a certificate (RFC 8446 §6.2). */
function certificateAlert(code: string): string | undefined {
  return /_ALERT_(UNKNOWN_CA|(?:BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+)$/.exec(code)?.[1];
}

function connectReason(code: string): string {
  if (code.startsWith('ERR_SSL_'))
    return `the TLS handshake failed (${code}); check that it speaks TLS 1.2 or 1.3`;
  return CONNECT_REASONS[code] ?? `${code || 'unknown reason'}; check the address and the network`;
}

function handshakeReason(error: Error): string {
  const code = codeOf(error);
  if (code === 'ECONNRESET') return 'it closed the connection';
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'it did not finish in time';
  return code || error.message;
}

const CONNECT_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check the port, or start the server',
  ENOTFOUND: 'the name does not resolve; check its spelling',
  EAI_AGAIN: 'the name cannot be resolved now; check the network',
  ETIMEDOUT: 'it does not answer; check the address and the network',
};

const UNKNOWN_ROOT = 'no trusted root signed it; trust its root, if it is the right one';
const BROKEN_CHAIN = 'its chain is not valid; renew it';

/** By OpenSSL's names ("X509 certificate error codes" of Node), and Node's own code for a wrong name. */
const DISTRUST_REASONS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is not for this name; use a name that it lists as alternative name',
  HOSTNAME_MISMATCH: 'it is not for this name; use a name that it lists as alternative name',
  CERT_HAS_EXPIRED: 'it has expired; renew it, or check the clock here',
  CERT_NOT_YET_VALID: 'it is not valid yet; check the clocks',
  CERT_REVOKED: 'it was revoked; get a new one',
  INVALID_PURPOSE: 'it was not issued for this purpose; get one for clients, or for servers',
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ROOT,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ROOT,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ROOT,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_ROOT,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ROOT,
  CERT_UNTRUSTED: UNKNOWN_ROOT,
  CERT_REJECTED: UNKNOWN_ROOT,
  CERT_SIGNATURE_FAILURE: BROKEN_CHAIN,
  CERT_CHAIN_TOO_LONG: BROKEN_CHAIN,
  PATH_LENGTH_EXCEEDED: BROKEN_CHAIN,
  INVALID_CA: BROKEN_CHAIN,
};

function distrustOf(code: string): string | undefined {
  return DISTRUST_REASONS[code];
}

// The messages for failed TLS connections, for both sides: which side refused, why, and what to do.
import type { X509Certificate } from 'node:crypto';
import { ClientError, type ClientErrorCode } from '../errors.ts';
import { distrustOf, handshakeRefusal } from '../network/distrust.ts';
import type { TlsReason } from '../tls-reason.ts';

/** What is known about a connection when it fails. */
export interface TlsSituation {
  /** `host:port` of the other side. */
  peer: string;
  /** Whether this side has a certificate. */
  hasCertificate: boolean;
  /** What the server had sent. */
  chain?: readonly X509Certificate[];
}

/** The error of a client's connection. An error that is already a `ClientError` is not changed. */
export function clientFailure(error: Error, { peer, hasCertificate, chain = [] }: TlsSituation): ClientError {
  if (error instanceof ClientError) return error;
  const code = codeOf(error);
  const fail = (kind: ClientErrorCode, message: string) => new ClientError(kind, message, { cause: error });
  const distrust = distrustOf(error, chain);
  if (distrust !== undefined) {
    const { reason, what, fix } = distrust;
    const message = `the certificate of ${peer} is not trusted: ${what}; ${fix}`;
    return new ClientError('tls_trust', message, { cause: error, tls: { reason, fix } });
  }
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
  const handshake = handshakeRefusal(code);
  const message = `cannot connect to ${peer}: ${handshake?.text ?? connectReason(code)}`;
  const tls = handshake && { reason: handshake.reason, fix: handshake.text };
  return new ClientError('connect', message, { cause: error, tls });
}

/** For a server that closes the connection right after the handshake. Node's servers send no alert. */
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

/** Why a server refused a client, or a client refused this server. */
export function serverFailure(error: Error, peer: string, authorizationError: unknown): ClientError {
  const code = codeOf(error);
  const fail = (kind: ClientErrorCode, message: string) => new ClientError(kind, message, { cause: error });
  const certificate = `refused the certificate of the client ${peer}`;
  if (typeof authorizationError === 'string') {
    const found = distrustOf(Object.assign(new Error(authorizationError), { code: authorizationError }), []);
    const reason =
      found === undefined ? authorizationError : `${found.what}; ${CLIENT_FIX[found.reason] ?? found.fix}`;
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

/** What to do about the certificate of a client. */
const CLIENT_FIX: Readonly<Partial<Record<TlsReason, string>>> = {
  expired: 'renew it, or check the clock here',
  unknown_root: 'trust its root, if it is the right one',
  self_signed: 'trust it, if it is the right one',
  purpose: 'get one for clients',
  revoked: 'get a new one',
};

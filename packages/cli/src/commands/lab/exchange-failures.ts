// The messages for a request without an answer.
import { CliError, exitStatus } from '../../exit-status.ts';

const CONNECT_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check the port, or start the server',
  ECONNRESET: 'the server closed the connection; check that it speaks HTTP there',
  EPIPE: 'the server closed the connection; check that it speaks HTTP there',
  EHOSTUNREACH: 'no network route leads there; check the address',
  ENETUNREACH: 'no network route leads there; check the address',
  ENOTFOUND: 'the name has no address; check its spelling',
  EAI_AGAIN: 'the name servers do not answer; check the network',
  ETIMEDOUT: 'it does not answer; check the address',
};

const TRUST_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired; renew it, or check the clock here',
  CERT_NOT_YET_VALID: 'it is not valid yet; check the clocks of both machines',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name; use a name that the certificate has',
};
const UNKNOWN_ROOT = 'it leads to no trusted root; name its root with --ca';

export function connectFailure(error: NodeJS.ErrnoException, { host }: URL): CliError {
  const reason = CONNECT_REASONS[error.code ?? ''] ?? error.message;
  return new CliError(exitStatus.connect, `no connection to ${host}: ${reason}`, { cause: error });
}

const NOT_TLS = [
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_RECORD_LAYER_FAILURE',
  'ECONNRESET',
];

/** The handshake failed, or the server could not prove its identity. */
export function tlsFailure(error: NodeJS.ErrnoException, { host }: URL): Error {
  if (error instanceof CliError) return error;
  const { code = '' } = error;
  if (/CERT|SIGNED|VERIFY|ALTNAME/.test(code)) {
    const reason = TRUST_REASONS[code] ?? UNKNOWN_ROOT;
    const message = `the certificate of ${host} is not trusted: ${reason}`;
    return new CliError(exitStatus.tlsTrust, message, { cause: error });
  }
  const reason = NOT_TLS.includes(code)
    ? 'the server does not speak it; check the port, or use http://'
    : `the handshake failed (${code || error.message}); the log of the server may say why`;
  return new CliError(exitStatus.connect, `no TLS with ${host}: ${reason}`, { cause: error });
}

export function noAnswer({ host }: URL): CliError {
  return new CliError(exitStatus.timeout, `no answer from ${host} in time; allow more with --timeout`);
}

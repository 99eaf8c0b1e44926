// The sentences for failed handshakes, from the codes of both TLS libraries: OpenSSL (in Node) and BoringSSL
// (in Bun). Several codes with the same cause have the same sentence.

/**
 * The reason for an error that Node or Bun reported for a handshake with a client. `answered`: whether the
 * client has got our certificate.
 * @example
 * server.on('tlsClientError', (error) => log.info(failureInWords(error, false)));
 */
export function failureInWords(error: Error, answered: boolean): string {
  const code = reasonCode(error);
  if (answered && FAILURES.get(code) === CLOSED_DURING_HANDSHAKE) return CLOSED_AFTER_CERTIFICATE;
  return FAILURES.get(code) ?? `TLS failed (${code}).`;
}

/**
 * Whether this sentence is about the client's certificate, or about a missing one.
 * @example
 * if (isCertificateFailure(record.failure)) log.info('client certificate refused');
 */
export function isCertificateFailure(failure: string): boolean {
  return /client certificate|key of its certificate/.test(failure);
}

export const HANDSHAKE_TIMED_OUT = 'The client took too long for the handshake.';
export const CLOSED_DURING_HANDSHAKE = 'The client closed the connection during the handshake.';

/**
 * `UNSUPPORTED_PROTOCOL`, from Node's `ERR_SSL_UNSUPPORTED_PROTOCOL` or Bun's `error:…:UNSUPPORTED_PROTOCOL`.
 */
function reasonCode(error: Error): string {
  const { code = error.message } = error as NodeJS.ErrnoException;
  if (code.startsWith('ERR_SSL_')) return code.slice('ERR_SSL_'.length);
  return code === 'EPROTO' ? error.message.slice(error.message.lastIndexOf(':') + 1) : code;
}

const WRONG_VERSION = 'The client supports no TLS version that this server allows.';
const NO_SHARED_SUITE = 'The client offered no cipher suite that this server allows.';
const NO_SHARED_GROUP = 'The client offered no key exchange group that this server allows.';
const NO_SHARED_SIGNATURE =
  'The client accepts no signature algorithm that fits the certificate of this server.';
const NO_SHARED_PROTOCOL = 'The client offered no application protocol (ALPN) that this server supports.';
const NOT_TLS = 'The client did not use TLS.';
const PLAIN_HTTP = 'The client sent plain HTTP: its URL must begin with https.';
const CLOSED_AFTER_CERTIFICATE =
  'The client ended the handshake: most likely it does not trust the certificate of this server.';
const UNTRUSTED = 'The client does not trust the certificate of this server.';
const MALFORMED = 'The client sent a malformed handshake.';

const FAILURES: ReadonlyMap<string, string> = new Map([
  ['UNSUPPORTED_PROTOCOL', WRONG_VERSION],
  ['UNSUPPORTED_PROTOCOL_VERSION', WRONG_VERSION],
  ['TLSV1_ALERT_PROTOCOL_VERSION', WRONG_VERSION],
  ['INAPPROPRIATE_FALLBACK', WRONG_VERSION],
  ['NO_SHARED_CIPHER', NO_SHARED_SUITE],
  ['NO_CIPHERS_SPECIFIED', NO_SHARED_SUITE],
  ['NO_SHARED_GROUP', NO_SHARED_GROUP],
  ['NO_SHARED_GROUPS', NO_SHARED_GROUP],
  ['NO_SUITABLE_GROUPS', NO_SHARED_GROUP],
  ['NO_SUITABLE_KEY_SHARE', NO_SHARED_GROUP],
  ['WRONG_CURVE', NO_SHARED_GROUP],
  ['NO_COMMON_SIGNATURE_ALGORITHMS', NO_SHARED_SIGNATURE],
  ['NO_SUITABLE_SIGNATURE_ALGORITHM', NO_SHARED_SIGNATURE],
  ['NO_SHARED_SIGNATURE_ALGORITHMS', NO_SHARED_SIGNATURE],
  ['NO_APPLICATION_PROTOCOL', NO_SHARED_PROTOCOL],
  ['HTTP_REQUEST', PLAIN_HTTP],
  ['HTTPS_PROXY_REQUEST', PLAIN_HTTP],
  ['WRONG_VERSION_NUMBER', NOT_TLS],
  ['PACKET_LENGTH_TOO_LONG', NOT_TLS],
  ['TLSV1_ALERT_UNKNOWN_CA', UNTRUSTED],
  ['SSLV3_ALERT_BAD_CERTIFICATE', UNTRUSTED],
  ['SSLV3_ALERT_CERTIFICATE_UNKNOWN', UNTRUSTED],
  ['SSLV3_ALERT_CERTIFICATE_EXPIRED', UNTRUSTED],
  ['SSLV3_ALERT_CERTIFICATE_REVOKED', UNTRUSTED],
  ['SSLV3_ALERT_UNSUPPORTED_CERTIFICATE', UNTRUSTED],
  // A TLS 1.3 client that does not have the keys yet sends its refusal unencrypted, and BoringSSL cannot read
  // it.
  ['BAD_PACKET_LENGTH', CLOSED_AFTER_CERTIFICATE],
  ['SSLV3_ALERT_HANDSHAKE_FAILURE', 'The client refused the handshake.'],
  ['TLSV1_ALERT_INTERNAL_ERROR', 'The client ended the handshake because of an internal error of its own.'],
  ['PEER_DID_NOT_RETURN_A_CERTIFICATE', 'No client certificate was presented.'],
  ['CERTIFICATE_VERIFY_FAILED', 'The client certificate is not valid.'],
  ['BAD_SIGNATURE', 'The client does not have the key of its certificate.'],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', HANDSHAKE_TIMED_OUT],
  ['ECONNRESET', CLOSED_DURING_HANDSHAKE],
  ['UNEXPECTED_EOF_WHILE_READING', CLOSED_DURING_HANDSHAKE],
  ...[
    'BAD_CHANGE_CIPHER_SPEC',
    'BAD_ECPOINT',
    'BAD_EXTENSION',
    'BAD_HANDSHAKE_RECORD',
    'BAD_KEY_SHARE',
    'BAD_LENGTH',
    'BAD_PACKET',
    'BAD_RECORD_TYPE',
    'CLIENTHELLO_PARSE_FAILED',
    'CLIENTHELLO_TLSEXT',
    'DATA_LENGTH_TOO_LONG',
    'DUPLICATE_EXTENSION',
    'DUPLICATE_KEY_SHARE',
    'ENCRYPTED_LENGTH_TOO_LONG',
    'ERROR_IN_RECEIVED_CIPHER_LIST',
    'ERROR_PARSING_EXTENSION',
    'INVALID_COMPRESSION_LIST',
    'INVALID_KEY',
    'LENGTH_MISMATCH',
    'LENGTH_TOO_SHORT',
    'MISSING_EXTENSION',
    'MISSING_KEY_SHARE',
    'MISSING_SIGALGS_EXTENSION',
    'MISSING_SUPPORTED_GROUPS_EXTENSION',
    'NO_COMPRESSION_SPECIFIED',
    'PARSE_TLSEXT',
    'POST_HANDSHAKE_AUTH_ENCODING_ERR',
    'REQUIRED_COMPRESSION_ALGORITHM_MISSING',
  ].map((code): [string, string] => [code, MALFORMED]),
  ['DECODE_ERROR', MALFORMED],
  ['EXCESSIVE_MESSAGE_SIZE', MALFORMED],
  ['UNEXPECTED_MESSAGE', MALFORMED],
  ['UNEXPECTED_RECORD', MALFORMED],
  ['BAD_DECRYPT', MALFORMED],
  ['DECRYPTION_FAILED_OR_BAD_RECORD_MAC', MALFORMED],
]);

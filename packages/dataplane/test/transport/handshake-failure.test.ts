// The sentences for failed handshakes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateFailureInWords } from '@gatehouse/access';
import { failureInWords, isCertificateFailure } from '../../src/transport/handshake-failure.ts';

function failure(code: string): string {
  return failureInWords(Object.assign(new Error(code), { code }), false);
}

test('recognises failures about the certificate of the client', () => {
  for (const code of ['ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', 'ERR_SSL_CERTIFICATE_VERIFY_FAILED'])
    assert.ok(isCertificateFailure(failure(code)), code);
  for (const code of ['CERT_HAS_EXPIRED', 'UNABLE_TO_GET_ISSUER_CERT', 'CERT_REJECTED'])
    assert.ok(isCertificateFailure(certificateFailureInWords(code)), code);
  for (const code of ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ECONNRESET', 'ERR_SSL_NO_SHARED_CIPHER'])
    assert.ok(!isCertificateFailure(failure(code)), code);
});

test('reports a malformed handshake, with any code of the library', () => {
  const malformed = 'The client sent a malformed handshake.';
  for (const code of ['BAD_EXTENSION', 'LENGTH_MISMATCH', 'INVALID_KEY', 'MISSING_SIGALGS_EXTENSION'])
    assert.equal(failure(`ERR_SSL_${code}`), malformed, code);
  for (const code of ['CLIENTHELLO_PARSE_FAILED', 'ERROR_PARSING_EXTENSION', 'BAD_ECPOINT']) {
    const error = new Error(`error:1000007e:SSL routines:OPENSSL_internal:${code}`);
    assert.equal(failureInWords(Object.assign(error, { code: 'EPROTO' }), false), malformed, code);
  }
});

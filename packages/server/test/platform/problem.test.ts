// Problem details (RFC 9457): what a client may know, and what it may not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '../../src/platform/errors.ts';
import { challengeFor, PROBLEM_MEDIA_TYPE, problemFrom } from '../../src/platform/problem.ts';

test('has type, title, status, detail, code and request id (RFC 9457 §3.1)', () => {
  const error = new GatehouseError('forbidden', 'You may not do this.', { cause: new Error('policy 7') });
  assert.deepEqual(problemFrom(error, 'r1'), {
    type: 'urn:gatehouse:problem:forbidden',
    title: 'Not permitted',
    status: 403,
    code: 'forbidden',
    request_id: 'r1',
    detail: 'You may not do this.',
  });
  assert.equal(PROBLEM_MEDIA_TYPE, 'application/problem+json');
});

test('a 5xx never shows its cause, whether it was expected or not', () => {
  for (const error of [
    new GatehouseError('store_failed', 'The database failed: /var/lib/secret.'),
    new GatehouseError('upstream_failed', '10.0.0.7 refused.'),
    new TypeError('password is undefined'),
    'thrown text',
    undefined,
  ]) {
    const problem = problemFrom(error, 'r1');
    assert.ok(problem.status >= 500);
    assert.deepEqual(Object.keys(problem).sort(), ['code', 'request_id', 'status', 'title', 'type']);
  }
  assert.equal(problemFrom(new TypeError('x'), 'r1').code, 'internal');
  assert.equal(problemFrom(new TypeError('x'), 'r1').status, 500);
});

test('a 405 says which methods there are (RFC 9110 §15.5.6)', () => {
  const error = new GatehouseError('method_not_allowed', 'PUT is not offered here.', { allow: ['GET'] });
  assert.deepEqual(problemFrom(error, 'r1').allow, ['GET']);
});

test('the challenge names what the route accepts; for a certificate there is no scheme but the draft’s (RFC 9110 §11.6.1)', () => {
  const missing = problemFrom(new GatehouseError('unauthenticated', ''), 'r1');
  assert.equal(challengeFor(missing, ['apiKey']), 'ApiKey realm="gatehouse"');
  assert.equal(challengeFor(missing, ['bearer', 'mtls']), 'Bearer realm="gatehouse"');
  assert.equal(challengeFor(missing, ['mtls']), 'ClientCertificate realm="gatehouse"');
  const refused = problemFrom(new GatehouseError('client_certificate_invalid', ''), 'r1');
  assert.equal(challengeFor(refused, ['bearer', 'mtls']), 'Bearer realm="gatehouse"');
});

test('the challenge names both ways in, and an error only for a credential that was refused (RFC 6750 §3)', () => {
  const challenge = (code: 'unauthenticated' | 'credential_invalid' | 'token_expired') =>
    challengeFor(problemFrom(new GatehouseError(code, ''), 'r1'));
  assert.equal(challenge('unauthenticated'), 'Bearer realm="gatehouse", ApiKey realm="gatehouse"');
  assert.equal(
    challenge('token_expired'),
    'Bearer realm="gatehouse", error="invalid_token", ApiKey realm="gatehouse"',
  );
  assert.equal(challenge('credential_invalid'), challenge('token_expired'));
});

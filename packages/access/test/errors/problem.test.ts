// Problem details (RFC 9457): which parts of an error a client gets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '../../src/errors/errors.ts';
import { PROBLEM_MEDIA_TYPE, problemFrom } from '../../src/errors/problem.ts';

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

test('a 5xx never contains its cause, expected or not', () => {
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

test('a 405 lists the allowed methods (RFC 9110 §15.5.6)', () => {
  const error = new GatehouseError('method_not_allowed', 'PUT is not allowed here.', { allow: ['GET'] });
  assert.deepEqual(problemFrom(error, 'r1').allow, ['GET']);
});

// A server cannot use an inspection to reach addresses that only this machine can reach.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guardOf } from '../../../src/commands/inspect/guard.ts';

test('a server at a public address can name only public addresses', () => {
  for (const server of ['8.8.8.8', '2001:4860:4860::8888']) {
    const isAllowed = guardOf(server);
    assert.ok(isAllowed);
    const asked = [
      '9.9.9.9',
      '127.0.0.1',
      '169.254.169.254',
      '10.0.0.1',
      '::1',
      'fd00::1',
      '::ffff:127.0.0.1',
    ];
    assert.deepEqual(asked.map(isAllowed), [true, false, false, false, false, false, false]);
  }
});

test('a server in a private network may name its own authority there', () => {
  for (const server of ['127.0.0.1', '10.0.0.1', '::1', null]) assert.equal(guardOf(server), undefined);
});

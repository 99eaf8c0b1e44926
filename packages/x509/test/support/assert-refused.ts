import assert from 'node:assert/strict';
import { X509Error, type X509ErrorCode } from '../../src/index.ts';

/** Fails unless `attempt` throws an X509Error with this code and message. */
export function assertRefused(attempt: () => unknown, code: X509ErrorCode, message = /./): void {
  assert.throws(attempt, (error) => {
    assert.ok(error instanceof X509Error, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}

// Asserts on refusals: their code, and what the message must say.
import assert from 'node:assert/strict';
import type { ErrorCode } from '../../src/platform/errors.ts';
import { GatehouseError } from '../../src/platform/errors.ts';

/** For `assert.throws` and `assert.rejects`: an expected error with that code and a matching message. */
export function refusal(code: ErrorCode, message = /./): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof GatehouseError, `not an expected failure: ${error}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}

/** Like `refusal`, for a message on a terminal: one whole line. */
export function lineRefusal(code: ErrorCode, message: RegExp): (error: unknown) => true {
  const check = refusal(code, message);
  return (error) => {
    check(error);
    assert.match(String((error as Error).message), /^[^\n]+$/, 'more than one line');
    return true;
  };
}

// Assertions about refusals: their code and their message.
import assert from 'node:assert/strict';
import type { ErrorCode } from '../../src/errors/errors.ts';
import { GatehouseError } from '../../src/errors/errors.ts';

/** For `assert.throws` and `assert.rejects`: an expected error with that code and a matching message. */
export function refusal(code: ErrorCode, message = /./): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof GatehouseError, `not an expected failure: ${error}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };
}

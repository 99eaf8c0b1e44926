// Asserts on refusals: their code, and what the message must say.
import assert from 'node:assert/strict';
import type { ErrorCode } from '@gatehouse/access';
import { refusal } from '../../../access/test/support/errors.ts';

export { refusal } from '../../../access/test/support/errors.ts';

/** Like `refusal`, for a message on a terminal: one whole line. */
export function lineRefusal(code: ErrorCode, message: RegExp): (error: unknown) => true {
  const check = refusal(code, message);
  return (error) => {
    check(error);
    assert.match(String((error as Error).message), /^[^\n]+$/, 'more than one line');
    return true;
  };
}

// Verifies that each answer is signed, and is the answer to its request (RFC 9421).
import { hold } from '../http/lazy-response.ts';
import type { Middleware } from '../http/middleware.ts';
import { usualVerifying, type VerifyDeps, type VerifySignatureOptions, verifying } from './verifying.ts';

/**
 * Requires that answers are signed, and rejects with SignatureError otherwise. It can be added before or
 * after `sign`.
 * @example
 * const trusting = client().with(sign({ key, keyId }), verifySignature());
 */
export function verifySignature(
  options: VerifySignatureOptions = {},
  deps: VerifyDeps = usualVerifying,
): Middleware {
  return verifying(options, hold, deps);
}

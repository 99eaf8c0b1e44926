// Verifies that each answer is signed, and is the answer to its request (RFC 9421).
import { hold } from '../http/lazy-response.ts';
import type { Middleware } from '../http/middleware.ts';
import { usualVerifying, type VerifyDeps, type VerifySignatureOptions, verifying } from './verifying.ts';

/**
 * Requires that answers are signed, and rejects with SignatureError otherwise. It knows the request as `sign`
 * made it, in whichever order the two are added.
 * @example
 * const trusting = client().with(sign({ key, keyId }), verifySignature());
 */
export function verifySignature(
  options: VerifySignatureOptions = {},
  deps: VerifyDeps = usualVerifying,
): Middleware {
  return verifying(options, hold, deps);
}

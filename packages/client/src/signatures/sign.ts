// Signs requests (RFC 9421): the way in `signature` of a gateway, with keys as programs have them.
import type { Middleware } from '../http/middleware.ts';
import type { SigningKey } from './keys.ts';
import { signerOf } from './keys.ts';
import { type SignDeps, type SigningOptions, signing, usualSigning } from './signing.ts';

/** How requests are signed. */
export interface SignOptions extends SigningOptions {
  key: SigningKey;
}

/**
 * Signs each request with a key of its own, and with the digest of its content, which is held in memory for
 * that. If the server asks for a nonce of its own, signs and sends the request once more.
 * @example
 * const calling = client().with(sign({ key: await readFile('robot.key', 'utf8'), keyId }));
 */
export function sign(options: SignOptions, deps: SignDeps = usualSigning): Middleware {
  return signing(signerOf(options.key, options.algorithm), options, deps);
}

// Signs requests (RFC 9421), for the way in `signature` of a gateway.
import type { Middleware } from '../http/middleware.ts';
import type { SigningKey } from './keys.ts';
import { signerOf } from './keys.ts';
import { type SignDeps, type SigningOptions, signing, usualSigning } from './signing.ts';

/** How requests are signed. */
export interface SignOptions extends SigningOptions {
  key: SigningKey;
}

/**
 * Signs each request and the digest of its content. The content is held in memory. If the server asks for its
 * own nonce, signs and sends the request once more.
 * @example
 * const calling = client().with(sign({ key: await readFile('robot.key', 'utf8'), keyId }));
 */
export function sign(options: SignOptions, deps: SignDeps = usualSigning): Middleware {
  return signing(signerOf(options.key, options.algorithm), options, deps);
}

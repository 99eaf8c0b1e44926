// Signed requests and verified answers in a browser (RFC 9421). Keys are JSON or octets, as WebCrypto has
// them. A browser decompresses answers itself, so only answers without a content encoding are accepted.
import type { JsonKey, MessageSigner, SignatureAlgorithm } from '@gatehouse/protocol';
import { importSigningKey, sharedSecret } from '@gatehouse/protocol';
import type { Middleware } from '../http/middleware.ts';
import { type SigningOptions, signing, usualSigning } from '../signatures/signing.ts';
import {
  type Hold,
  usualVerifying,
  type VerifySignatureOptions,
  verifying,
} from '../signatures/verifying.ts';

/** A private key as JSON (RFC 7517), or the octets of a secret that the server has, too. */
export type BrowserSigningKey = JsonKey | Uint8Array;

/** How requests are signed. */
export interface BrowserSignOptions extends SigningOptions {
  key: BrowserSigningKey;
}

/**
 * Signs each request and its content. The content is held in memory.
 * @example
 * const calling = client().with(sign({ key: await response.json(), keyId }));
 */
export function sign({ key, ...options }: BrowserSignOptions): Middleware {
  return signing(signerOf(key, options.algorithm), options, usualSigning);
}

/**
 * The key, ready to sign. Rejects with TypeError for a key that does not sign messages.
 * @example
 * const key = await signerOf(jsonKey);
 */
export async function signerOf(
  key: BrowserSigningKey,
  algorithm?: SignatureAlgorithm,
): Promise<MessageSigner> {
  const signer = await importKey(key);
  if (algorithm === undefined || algorithm === signer.algorithm) return signer;
  throw new TypeError(`the key signs with ${signer.algorithm}, not with ${algorithm}`);
}

async function importKey(key: BrowserSigningKey): Promise<MessageSigner> {
  try {
    return key instanceof Uint8Array ? sharedSecret(key) : await importSigningKey(key);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`the key cannot sign messages: ${why}`, { cause });
  }
}

/**
 * Requires that answers are signed, and rejects with SignatureError otherwise.
 * @example
 * const trusting = client().with(verifySignature({ keys }));
 */
export function verifySignature(options: VerifySignatureOptions = {}): Middleware {
  return verifying(options, hold, usualVerifying);
}

const hold: Hold = async (response) => {
  const octets = new Uint8Array(await response.clone().arrayBuffer());
  return { octets, response };
};

// What a server asks for when it refuses a signature.
import { readDictionary, StructuredFieldError } from '@gatehouse/protocol';

/**
 * The nonce that a server asks for in Accept-Signature (RFC 9421 §5.1), because it cannot know whether a
 * nonce of the client is new. Undefined if it asks for none.
 * @example
 * const nonce = requestedNonce(response.headers.get('accept-signature')) ?? crypto.randomUUID();
 */
export function requestedNonce(acceptSignature: string | null): string | undefined {
  if (acceptSignature === null) return undefined;
  try {
    for (const { params } of readDictionary(acceptSignature).values()) {
      const nonce = params.get('nonce');
      if (nonce?.type === 'string') return nonce.value;
    }
  } catch (error) {
    if (!(error instanceof StructuredFieldError)) throw error;
  }
  return undefined;
}

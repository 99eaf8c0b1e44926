// The key that an encrypted endpoint offers in its answer to GET (docs/wire/encrypted-endpoint.md). Other
// endpoints than Gatehouse's may offer a key that is not signed.
import { importX25519PublicKey, X25519Error } from '@gatehouse/protocol';
import { ClientError } from '../errors.ts';
import { askChannel, type ChannelTarget, requireOk } from './transport.ts';

/** The texts of the answer, unchanged. */
export interface ChannelOffer {
  clientId: string;
  /** The X25519 key of the server, SPKI PEM. */
  pub: string;
  /** Undefined if the key is not signed. */
  signed: OfferProof | undefined;
}

/** The proof of who owns the key. */
export interface OfferProof {
  /** `sha256/` and base64 of the hash of the public key that signed. */
  fingerprint: string;
  /** The certificate of that key, and its issuers. */
  chain: string;
  /** RFC 3339. */
  expires: string;
  /** base64url. */
  signature: string;
}

/**
 * Asks for a key. Does not verify it.
 * @throws ClientError `http`, `protocol` or `limit`, and those of the transport
 * @example
 * const offer = await fetchOffer({ transport: client, url: 'https://api.example.com/encrypted/' });
 */
export async function fetchOffer(target: ChannelTarget): Promise<ChannelOffer> {
  const value = requireOk(await askChannel(target), target.url);
  return readOffer(value, target.url);
}

/** The offer in the JSON of an answer. Throws `ClientError` `protocol`. */
function readOffer(value: Readonly<Record<string, unknown>>, url: string | URL): ChannelOffer {
  const { client_id: clientId, pub } = value;
  if (typeof clientId !== 'string' || typeof pub !== 'string') {
    throw new ClientError('protocol', `${url} offers no key: its answer lacks client_id or pub`);
  }
  return { clientId, pub, signed: readProof(value) };
}

/** The 32 bytes of the key. Throws `ClientError` `protocol`. */
export function offeredKey({ pub }: Pick<ChannelOffer, 'pub'>, url: string | URL): Uint8Array {
  try {
    return importX25519PublicKey(pub);
  } catch (cause) {
    if (!(cause instanceof X25519Error)) throw cause;
    throw new ClientError('protocol', `${url} offers a value that is not an X25519 public key`, { cause });
  }
}

function readProof({ fingerprint, chain, expires, signature }: Readonly<Record<string, unknown>>) {
  if (typeof fingerprint !== 'string' || typeof chain !== 'string') return undefined;
  if (typeof expires !== 'string' || typeof signature !== 'string') return undefined;
  return { fingerprint, chain, expires, signature };
}

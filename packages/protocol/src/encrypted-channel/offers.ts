// The ids and keys that an encrypted endpoint offers. Both are computed from a secret that is replaced from
// time to time. So an offer needs no memory, and processes that share the secrets accept each other's offers.
// An id has the form of a UUIDv4 (RFC 9562 §5.4): 74 random bits, and a tag of 48 bits that only the owner of
// the secret can compute. Refuses other ids, and ids of an expired secret.
import type { Bytes, CryptoPrimitives, MaybePromise, RandomBytes } from '../crypto/primitives.ts';
import { uuidOctets, uuidText } from '../uuid.ts';
import { importX25519KeyPair, type X25519KeyPair } from '../x25519.ts';

/** The source of the ids and the keys of offers. */
export interface OfferSecret {
  /** 32 random bytes. */
  readonly secret: Uint8Array;
  /** When the offers of this secret expire, in milliseconds since the epoch. */
  readonly endsAt: number;
}

export interface Offer {
  readonly clientId: string;
  readonly keyPair: X25519KeyPair;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

export interface Offers {
  make(): Promise<Offer>;
  /** The offer with this id; undefined if it is not ours, or has expired. */
  find(clientId: string): Promise<Offer | undefined>;
}

export interface OffersDeps {
  /** Milliseconds since the epoch. */
  clock(): number;
  random: RandomBytes;
  primitives: CryptoPrimitives;
  /** The secrets in force, the newest first. */
  secrets(): readonly OfferSecret[];
}

// Most clients answer an offer at once. Computing the key again would take as long as the exchange.
const MAX_RECENT = 2500;
const RANDOM_BYTES = 10;
const TAG_BYTES = 6;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
// The first byte of the authenticated data, so that a tag and a key are independent.
const FOR_TAG = 1;
const FOR_KEY = 2;

/** Whether a text has the form of an id. */
export function isClientId(text: string): boolean {
  return UUID.test(text);
}

/** Creates a source of offers. */
export function createOffers({ clock, random, primitives, secrets }: OffersDeps): Offers {
  // Two generations, because removing single entries of a map takes longer than creating a new map.
  let recent = new Map<string, Offer>();
  let before = new Map<string, Offer>();
  const prepared = new WeakMap<OfferSecret, Mac>();

  async function make(secret: OfferSecret): Promise<Offer> {
    const id = uuidOctets(random);
    id.set(await tagOf(secret, id), RANDOM_BYTES);
    return remember(await offerOf(secret, id));
  }

  async function offerOf(secret: OfferSecret, id: Bytes): Promise<Offer> {
    const privateKey = await macOf(secret)(prefixed(FOR_KEY, id));
    return {
      clientId: uuidText(id),
      keyPair: await importX25519KeyPair(privateKey, primitives),
      endsAt: secret.endsAt,
    };
  }

  async function tagOf(secret: OfferSecret, id: Bytes): Promise<Bytes> {
    const mac = await macOf(secret)(prefixed(FOR_TAG, id.subarray(0, RANDOM_BYTES)));
    return mac.subarray(0, TAG_BYTES);
  }

  function macOf(secret: OfferSecret): Mac {
    const known = prepared.get(secret);
    if (known) return known;
    const mac = primitives.hmacSha256(secret.secret);
    prepared.set(secret, mac);
    return mac;
  }

  function remember(offer: Offer): Offer {
    if (recent.size >= MAX_RECENT) {
      before = recent;
      recent = new Map();
    }
    recent.set(offer.clientId, offer);
    return offer;
  }

  return {
    make() {
      const [newest] = secrets();
      if (newest === undefined) throw new TypeError('An encrypted endpoint needs a secret.');
      return make(newest);
    },
    async find(clientId) {
      const known = recent.get(clientId) ?? before.get(clientId);
      if (known) return known.endsAt > clock() ? known : undefined;
      if (!isClientId(clientId)) return undefined;
      const id = idOctets(clientId);
      for (const secret of secrets()) {
        if (secret.endsAt <= clock()) continue;
        const tag = await tagOf(secret, id);
        if (primitives.equalInConstantTime(tag, id.subarray(RANDOM_BYTES))) return offerOf(secret, id);
      }
      return undefined;
    },
  };
}

/**
 * Secrets in memory, replaced every `seconds`. Offers of a secret are valid until its successor is replaced:
 * for at least `seconds`, and at most twice as long.
 * @example
 * const secrets = createOfferSecrets({ clock: Date.now, random }, 600);
 */
export function createOfferSecrets(
  { clock, random }: Pick<OffersDeps, 'clock' | 'random'>,
  seconds: number,
): () => readonly OfferSecret[] {
  let secrets: readonly OfferSecret[] = [];
  let begunAt = 0;
  return () => {
    const now = clock();
    // Before the secret began: the clock was set back.
    if (secrets.length > 0 && now >= begunAt && now < begunAt + seconds * 1000) return secrets;
    begunAt = now;
    const next = { secret: random(SECRET_BYTES), endsAt: now + 2 * seconds * 1000 };
    secrets = [next, ...secrets.filter(({ endsAt }) => endsAt > now)].slice(0, KEPT_SECRETS);
    return secrets;
  };
}

const SECRET_BYTES = 32;
const KEPT_SECRETS = 2;

type Mac = (data: Uint8Array) => MaybePromise<Bytes>;

function idOctets(uuid: string): Bytes {
  return Uint8Array.fromHex(uuid.replaceAll('-', ''));
}

function prefixed(purpose: number, octets: Uint8Array): Bytes {
  const joined = new Uint8Array(1 + octets.length);
  joined[0] = purpose;
  joined.set(octets, 1);
  return joined;
}

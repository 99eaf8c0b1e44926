// The KEMs of HPKE on node:crypto: DHKEM(X25519, HKDF-SHA256) (RFC 9180 §4.1) and MLKEM768-X25519 (X-Wing,
// draft-connolly-cfrg-xwing-kem §5). If node:crypto has no ML-KEM, as in Bun, WebCrypto does that part in
// another thread.
import * as nodeCrypto from 'node:crypto';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { ascii, concatBytes, uint16s } from '../bytes.ts';
import type { Hmac } from '../hpke/key-schedule.ts';
import { after, labelled } from '../hpke/key-schedule.ts';
import type { HpkeKey } from '../hpke/suite.ts';
import { invalidKey, KEM_X_WING, KEM_X25519, openFailed } from '../hpke/suite.ts';
import type { Bytes, MaybePromise } from './primitives.ts';
import { wrapX25519PrivateKey } from './x25519-pkcs8.ts';

export interface Encapsulated {
  shared: Bytes;
  encapsulated: Bytes;
}

/** A KEM (RFC 9180 §4). */
export interface Kem {
  generateKey(): HpkeKey;
  /** Throws `HpkeError` `hpke_invalid_key`. */
  importKey(privateKey: Uint8Array): HpkeKey;
  /** Throws or rejects with `HpkeError` `hpke_invalid_key`. */
  encapsulate(publicKey: Uint8Array): MaybePromise<Encapsulated>;
  /** Throws or rejects with `HpkeError` `hpke_open_failed`. */
  decapsulate(key: HpkeKey, encapsulated: Uint8Array): MaybePromise<Bytes>;
}

const KEY_LENGTH = 32;
const NOTHING = new Uint8Array(0);

/** `ephemeral` generates the sender's key pair. Tests with vectors hand in their own. */
export function createDhKem(hmac: Hmac, ephemeral: () => KeyObject = newX25519): Kem {
  const by = labelled(hmac, concatBytes(ascii('KEM'), uint16s(KEM_X25519)));
  const sharedFrom = (agreed: Uint8Array, context: Uint8Array) =>
    by.expand(by.extract(NOTHING, 'eae_prk', agreed), { label: 'shared_secret', info: context }, 32);
  return {
    generateKey: () => new X25519Key(newX25519()),
    importKey: (privateKey) => new X25519Key(x25519Private(privateKey)),
    encapsulate(publicKey) {
      const own = ephemeral();
      const encapsulated = rawPublic(own);
      const agreed = agree(own, publicKey, invalidKey);
      return { encapsulated, shared: sharedFrom(agreed, concatBytes(encapsulated, publicKey)) };
    },
    decapsulate(key, encapsulated) {
      const agreed = agree((key as X25519Key).secret, encapsulated, openFailed);
      return sharedFrom(agreed, concatBytes(encapsulated, key.publicKey));
    },
  };
}

class X25519Key implements HpkeKey {
  readonly kem = KEM_X25519;
  readonly secret: KeyObject;
  readonly publicKey: Bytes;

  constructor(secret: KeyObject) {
    this.secret = secret;
    this.publicKey = rawPublic(secret);
  }

  get privateKey(): Bytes {
    return Uint8Array.from(this.secret.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_LENGTH));
  }
}

const ML_KEM = 'ml-kem-768';
const ML_KEM_SEED = 64;
const ML_KEM_PUBLIC = 1184;
const ML_KEM_CIPHERTEXT = 1088;
const LABEL = ascii('\\.//^\\');

/** `mlKem` is the implementation of ML-KEM. */
export function createXWing(mlKem: MlKem = platformMlKem()): Kem {
  return {
    generateKey: () => xWingKey(randomBytes(KEY_LENGTH), mlKem),
    importKey: (seed) => {
      if (seed.length !== KEY_LENGTH) throw invalidKey();
      return xWingKey(seed, mlKem);
    },
    encapsulate(publicKey) {
      if (publicKey.length !== ML_KEM_PUBLIC + KEY_LENGTH) throw invalidKey();
      const theirs = publicKey.subarray(ML_KEM_PUBLIC);
      const own = newX25519();
      const ownPublic = rawPublic(own);
      const agreed = agree(own, theirs, invalidKey);
      return after(mlKem.encapsulate(publicKey.subarray(0, ML_KEM_PUBLIC)), ({ shared, ciphertext }) => ({
        shared: combined(shared, agreed, ownPublic, theirs),
        encapsulated: concatBytes(ciphertext, ownPublic),
      }));
    },
    decapsulate(key, encapsulated) {
      if (encapsulated.length !== ML_KEM_CIPHERTEXT + KEY_LENGTH) throw openFailed();
      const { secret, mlKemSecret, x25519Public } = key as XWingKey;
      const theirs = encapsulated.subarray(ML_KEM_CIPHERTEXT);
      const agreed = agree(secret, theirs, openFailed);
      return after(mlKem.decapsulate(mlKemSecret, encapsulated.subarray(0, ML_KEM_CIPHERTEXT)), (shared) =>
        combined(shared, agreed, theirs, x25519Public),
      );
    },
  };
}

interface XWingKey extends HpkeKey {
  secret: KeyObject;
  mlKemSecret: KeyObject;
  x25519Public: Bytes;
}

/** The key pair of a seed (draft-connolly-cfrg-xwing-kem §5.2). */
function xWingKey(seed: Uint8Array, mlKem: MlKem): XWingKey {
  const expanded = createHash('shake256', { outputLength: ML_KEM_SEED + KEY_LENGTH })
    .update(seed)
    .digest();
  const mlKemSecret = mlKem.importSeed(expanded.subarray(0, ML_KEM_SEED));
  const secret = x25519Private(expanded.subarray(ML_KEM_SEED));
  const x25519Public = rawPublic(secret);
  const mlKemPublic = createPublicKey(mlKemSecret).export({ format: 'raw-public' });
  return {
    kem: KEM_X_WING,
    privateKey: Uint8Array.from(seed),
    publicKey: concatBytes(mlKemPublic, x25519Public),
    secret,
    mlKemSecret,
    x25519Public,
  };
}

/** Both secrets, and the keys of their agreement (draft-connolly-cfrg-xwing-kem §5.3). */
function combined(mlKemShared: Uint8Array, agreed: Uint8Array, ...keys: readonly Uint8Array[]): Bytes {
  return Uint8Array.from(hash('sha3-256', concatBytes(mlKemShared, agreed, ...keys, LABEL), 'buffer'));
}

/** ML-KEM-768 (FIPS 203). */
export interface MlKem {
  importSeed(seed: Uint8Array): KeyObject;
  encapsulate(publicKey: Uint8Array): MaybePromise<{ shared: Uint8Array; ciphertext: Uint8Array }>;
  decapsulate(secret: KeyObject, ciphertext: Uint8Array): MaybePromise<Uint8Array>;
}

function platformMlKem(): MlKem {
  // Bun has the keys, but cannot encapsulate with them.
  return typeof nodeCrypto.decapsulate === 'function' ? nodeMlKem : webMlKem();
}

const importSeed = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.from(seed), format: 'raw-seed', asymmetricKeyType: ML_KEM });

export const nodeMlKem: MlKem = {
  importSeed,
  encapsulate(publicKey) {
    const { sharedKey, ciphertext } = nodeCrypto.encapsulate(mlKemPublic(publicKey));
    return { shared: sharedKey, ciphertext };
  },
  decapsulate: (secret, ciphertext) => nodeCrypto.decapsulate(secret, ciphertext),
};

function mlKemPublic(octets: Uint8Array): KeyObject {
  try {
    return createPublicKey({
      key: Buffer.from(octets),
      format: 'raw-public',
      asymmetricKeyType: ML_KEM,
    });
  } catch {
    throw invalidKey();
  }
}

type Usage = 'encapsulateBits' | 'decapsulateBits';

/** The functions of WebCrypto that are used here (W3C Modern Algorithms in the Web Cryptography API). */
interface WebMlKem {
  importKey(
    form: 'raw-seed' | 'raw-public',
    octets: Uint8Array,
    algorithm: string,
    extractable: boolean,
    usages: Usage[],
  ): Promise<CryptoKey>;
  encapsulateBits(
    algorithm: string,
    key: CryptoKey,
  ): Promise<{ sharedKey: ArrayBuffer; ciphertext: ArrayBuffer }>;
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Uint8Array): Promise<ArrayBuffer>;
}

export function webMlKem(): MlKem {
  const subtle = crypto.subtle as unknown as WebMlKem;
  const name = 'ML-KEM-768';
  /** A private key is imported once. */
  const imported = new WeakMap<KeyObject, Promise<CryptoKey>>();
  return {
    importSeed(seed) {
      const key = importSeed(seed);
      imported.set(
        key,
        subtle.importKey('raw-seed', Uint8Array.from(seed), name, false, ['decapsulateBits']),
      );
      return key;
    },
    async encapsulate(publicKey) {
      const octets = Uint8Array.from(publicKey);
      const key = await subtle
        .importKey('raw-public', octets, name, false, ['encapsulateBits'])
        .catch(() => Promise.reject(invalidKey()));
      const { sharedKey, ciphertext } = await subtle.encapsulateBits(name, key);
      return { shared: new Uint8Array(sharedKey), ciphertext: new Uint8Array(ciphertext) };
    },
    async decapsulate(secret, ciphertext) {
      const key = (await imported.get(secret)) as CryptoKey;
      return new Uint8Array(await subtle.decapsulateBits(name, key, Uint8Array.from(ciphertext)));
    },
  };
}

function newX25519(): KeyObject {
  return generateKeyPairSync('x25519').privateKey;
}

export function x25519Private(privateKey: Uint8Array): KeyObject {
  if (privateKey.length !== KEY_LENGTH) throw invalidKey();
  const der = Buffer.from(wrapX25519PrivateKey(privateKey));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function rawPublic(secret: KeyObject): Bytes {
  return Uint8Array.from(createPublicKey(secret).export({ format: 'raw-public' }));
}

/** Node and Bun refuse a result of all zeros (RFC 7748 §6.1, RFC 9180 §7.1.4). */
function agree(privateKey: KeyObject, peer: Uint8Array, refuse: () => Error): Uint8Array {
  try {
    const key = Buffer.from(peer);
    const publicKey = createPublicKey({ key, format: 'raw-public', asymmetricKeyType: 'x25519' });
    return diffieHellman({ privateKey, publicKey });
  } catch {
    throw refuse();
  }
}

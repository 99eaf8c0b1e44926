// HPKE with the library `hpke`, and algorithms from it or from other libraries. Replaces its errors with
// ours, without their cause.
import * as library from 'hpke';
import type { Aead, HpkeBackEnd, HpkeKey, HpkeSuite } from '../hpke/suite.ts';
import { HpkeError, invalidKey, KDF_HKDF_SHA256, kemSizes, openFailed, unsupported } from '../hpke/suite.ts';
import type { Bytes } from './primitives.ts';

/** The algorithms of the library, by their numbers. */
export interface LibraryAlgorithms {
  kems: Readonly<Record<number, library.KEMFactory>>;
  aeads: Readonly<Record<number, library.AEADFactory>>;
}

export function createWebHpke(algorithms: LibraryAlgorithms): HpkeBackEnd {
  const kdf = library.KDF_HKDF_SHA256();

  function suiteOf({ kem, kdf, aead }: HpkeSuite): library.CipherSuite {
    if (kdf !== KDF_HKDF_SHA256) throw unsupported('KDF', kdf);
    return new library.CipherSuite(kemOf(kem), library.KDF_HKDF_SHA256, aeadOf(aead));
  }

  function kemOf(kem: number): library.KEMFactory {
    const found = algorithms.kems[kem];
    if (!found) throw unsupported('KEM', kem);
    return found;
  }

  function aeadOf(aead: number): library.AEADFactory {
    const found = algorithms.aeads[aead];
    if (!found) throw unsupported('AEAD', aead);
    return found;
  }

  return {
    async generateKey(kem) {
      const its = kemOf(kem)();
      const pair = await translated(invalidKey, () => its.GenerateKeyPair(true));
      const publicKey = own(await its.SerializePublicKey(pair.publicKey));
      return libraryKey(
        { kem, publicKey, privateKey: own(await its.SerializePrivateKey(pair.privateKey)) },
        pair,
      );
    },
    async importKey(kem, { publicKey, privateKey }) {
      const its = kemOf(kem)();
      if (privateKey.length !== its.Nsk || publicKey.length !== its.Npk) throw invalidKey();
      const pair = await translated(invalidKey, async () => ({
        publicKey: await its.DeserializePublicKey(Uint8Array.from(publicKey)),
        privateKey: await its.DeserializePrivateKey(Uint8Array.from(privateKey), true),
      }));
      const octets = { publicKey: Uint8Array.from(publicKey), privateKey: Uint8Array.from(privateKey) };
      return libraryKey({ kem, ...octets }, pair);
    },
    async setupSender(suite, publicKey, info) {
      if (publicKey.length !== kemSizes(suite.kem).publicKey) throw invalidKey();
      const ciphers = suiteOf(suite);
      const { encapsulatedSecret, ctx } = await translated(invalidKey, async () => {
        const key = await ciphers.DeserializePublicKey(Uint8Array.from(publicKey));
        return ciphers.SetupSender(key, { info });
      });
      return {
        encapsulated: own(encapsulatedSecret),
        seal: async (plaintext, additional) => own(await ctx.Seal(plaintext, additional)),
        exportSecret: async (context, length) => own(await ctx.Export(context, length)),
      };
    },
    async setupRecipient(suite, key, { encapsulated, info }) {
      const ciphers = suiteOf(suite);
      if (encapsulated.length !== kemSizes(suite.kem).secret) throw openFailed();
      const { pair } = key as LibraryKey;
      const ctx = await translated(openFailed, () =>
        ciphers.SetupRecipient(pair, Uint8Array.from(encapsulated), { info }),
      );
      return {
        open: (ciphertext, additional) =>
          translated(openFailed, async () => own(await ctx.Open(ciphertext, additional))),
        exportSecret: async (context, length) => own(await ctx.Export(context, length)),
      };
    },
    extract: async (salt, secret) => own(await kdf.Extract(salt, secret)),
    expand: async (key, info, length) => own(await kdf.Expand(key, info, length)),
    aead: (id, key) => libraryAead(aeadOf(id)(), key),
  };
}

interface LibraryKey extends HpkeKey {
  pair: library.KeyPair;
}

function libraryAead(aead: library.AEAD, key: Uint8Array): Aead {
  return {
    seal: async (nonce, plaintext, additional) => own(await aead.Seal(key, nonce, additional, plaintext)),
    open: (nonce, ciphertext, additional) =>
      translated(openFailed, async () => own(await aead.Open(key, nonce, additional, ciphertext))),
  };
}

function libraryKey(key: HpkeKey, pair: library.KeyPair): LibraryKey {
  return { ...key, pair };
}

async function translated<T>(refusal: () => Error, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof library.NotSupportedError)
      throw new HpkeError('hpke_unsupported', 'This platform does not offer the algorithm.');
    throw refusal();
  }
}

function own(octets: Uint8Array): Bytes {
  return octets.buffer instanceof ArrayBuffer ? (octets as Bytes) : Uint8Array.from(octets);
}

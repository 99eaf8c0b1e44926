// Official vectors of HPKE: RFC 9180 (as accumulated values), draft-ietf-hpke-pq and X-Wing.
import assert from 'node:assert/strict';
import { createHash, createHmac, KeyObject } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import * as library from 'hpke';
import { createNodeHpke, hmac } from '../../src/crypto/hpke-node.ts';
import {
  createDhKem,
  createXWing,
  nodeMlKem,
  webMlKem,
  x25519Private,
} from '../../src/crypto/hpke-node-kems.ts';
import type { MaybePromise } from '../../src/crypto/primitives.ts';
import { labelled } from '../../src/hpke/key-schedule.ts';
import type { HpkeBackEnd } from '../../src/hpke/suite.ts';
import { KEM_X_WING, KEM_X25519 } from '../../src/hpke/suite.ts';
import { hpkeBackEnds } from '../support/hpke-back-ends.ts';
import { readVectors } from '../support/vectors.ts';

interface Vector {
  mode: number;
  kem_id: number;
  kdf_id: number;
  aead_id: number;
  info: string;
  ikmE: string;
  ikmR: string;
  skRm: string;
  pkRm: string;
  enc: string;
}

interface ListedVector extends Vector {
  encryptions: { aad: string; ct: string; pt: string }[];
  exports: { exporter_context: string; L: number; exported_value: string }[];
}

interface AccumulatedVector extends Vector {
  encryptions_accumulated: string;
  exports_accumulated: string;
}

interface XWingVector {
  seed: string;
  ss: string;
  pk: string;
  ct: string;
}

const hex = (text: string) => Uint8Array.fromHex(text);
const suiteOf = ({ kem_id: kem, kdf_id: kdf, aead_id: aead }: Vector) => ({ kem, kdf, aead });
const nameOf = ({ kem_id, kdf_id, aead_id }: Vector) =>
  `KEM 0x${kem_id.toString(16)}, KDF ${kdf_id}, AEAD ${aead_id}`;
const ours = ({ kem_id, kdf_id, aead_id }: Vector) =>
  (kem_id === KEM_X_WING || kem_id === KEM_X25519) && kdf_id === 1 && aead_id <= 3;

const accumulated = readVectors<AccumulatedVector[]>('rfc9180.json', 'github.com/FiloSottile/hpke');
const listed = readVectors<ListedVector[]>('hpke-pq.json', 'github.com/hpkewg/hpke-pq');
const xWing = readVectors<XWingVector[]>('xwing.json', 'github.com/dconnolly/draft-connolly-cfrg-xwing-kem');

async function recipientOf(hpke: HpkeBackEnd, vector: Vector) {
  const pair = { publicKey: hex(vector.pkRm), privateKey: hex(vector.skRm) };
  const key = await hpke.importKey(vector.kem_id, pair);
  return hpke.setupRecipient(suiteOf(vector), key, { encapsulated: hex(vector.enc), info: hex(vector.info) });
}

// SHAKE-128 as a source: each value has the length of its first octet.
function createSource() {
  const octets = createHash('shake128', { outputLength: 1_000_000 }).digest();
  let at = 0;
  return () => {
    const length = octets[at] as number;
    at += 1 + length;
    return octets.subarray(at - length, at);
  };
}

/**
 * The exports of a vector. All at once: each takes many short tasks of other threads, and to wait for each
 * alone takes longer than the tasks.
 */
function exportsOf(exportSecret: (context: Uint8Array, length: number) => MaybePromise<Uint8Array>) {
  const draw = createSource();
  const contexts = Array.from({ length: 1000 }, () => draw());
  // The library refuses to export nothing.
  return Promise.all(contexts.slice(1).map((context, index) => exportSecret(context, index + 1)));
}

const sum = (values: Uint8Array[]) =>
  createHash('shake128', { outputLength: 16 }).update(Buffer.concat(values)).digest('hex');

/** The key pair of RFC 9180 §7.1.3 from its input. */
function derivedX25519(ikm: string) {
  const by = labelled(hmac, Uint8Array.fromHex(`4b454d${'0020'}`));
  const prk = by.extract(new Uint8Array(0), 'dkp_prk', hex(ikm));
  return x25519Private(by.expand(prk, { label: 'sk', info: new Uint8Array(0) }, 32));
}

suite('RFC 9180', { skip: accumulated.skip }, () => {
  for (const vector of (accumulated.vectors ?? []).filter(ours)) {
    test(`seals and exports as the vector: ${nameOf(vector)}`, async () => {
      const kem = createDhKem(hmac, () => derivedX25519(vector.ikmE));
      const hpke = createNodeHpke({ [KEM_X25519]: kem });
      const sender = await hpke.setupSender(suiteOf(vector), hex(vector.pkRm), hex(vector.info));
      const recipient = await recipientOf(hpke, vector);
      assert.equal(sender.encapsulated.toHex(), vector.enc);
      const draw = createSource();
      const sealed: Uint8Array[] = [];
      for (let count = 0; count < 1000; count++) {
        const additional = draw();
        const plaintext = draw();
        const ciphertext = await sender.seal(plaintext, additional);
        assert.deepEqual(Buffer.from(await recipient.open(ciphertext, additional)), Buffer.from(plaintext));
        sealed.push(ciphertext);
      }
      assert.equal(sum(sealed), vector.encryptions_accumulated);
    });

    for (const { name, hpke } of hpkeBackEnds) {
      test(`exports as the vector on ${name}: ${nameOf(vector)}`, async () => {
        const recipient = await recipientOf(hpke, vector);
        const exported = exportsOf((context, length) => recipient.exportSecret(context, length));
        assert.equal(sum(await exported), vector.exports_accumulated);
      });
    }
  }
});

const LIBRARY = {
  kems: Object.values(library).filter(isKem),
  kdfs: Object.entries(library)
    .filter(([name]) => name.startsWith('KDF_'))
    .map(([, one]) => one as library.KDFFactory),
  aeads: Object.entries(library)
    .filter(([name]) => name.startsWith('AEAD_'))
    .map(([, one]) => one as library.AEADFactory),
};

function isKem(one: unknown): one is library.KEMFactory {
  return Object.entries(library).some(([name, value]) => name.startsWith('KEM_') && value === one);
}

/** The suite of a vector, with any algorithms of the library. */
function librarySuite({ kem_id, kdf_id, aead_id }: Vector): library.CipherSuite {
  const of = <T extends { id: number }>(all: (() => T)[], id: number) =>
    all.find((make) => make().id === id) as () => T;
  return new library.CipherSuite(
    of(LIBRARY.kems, kem_id) as library.KEMFactory,
    of(LIBRARY.kdfs, kdf_id) as library.KDFFactory,
    of(LIBRARY.aeads, aead_id) as library.AEADFactory,
  );
}

const usedKeys = new WeakMap<CryptoKey, KeyObject>();

/** HMAC without another thread. The tests above have half a million of them fewer. */
const signHere: SubtleCrypto['sign'] = async (_hmac, key, data) => {
  const { hash } = key.algorithm as HmacKeyAlgorithm;
  const secret = usedKeys.get(key) ?? KeyObject.from(key);
  usedKeys.set(key, secret);
  const mac = createHmac(hash.name, secret).update(new Uint8Array(data as ArrayBuffer));
  return Uint8Array.from(mac.digest()).buffer;
};

suite('RFC 9180, the suites that only the library has', { skip: accumulated.skip }, () => {
  before(() => Object.assign(crypto.subtle, { sign: signHere }));
  after(() => Reflect.deleteProperty(crypto.subtle, 'sign'));

  for (const vector of (accumulated.vectors ?? []).filter((one) => !ours(one))) {
    test(`exports as the vector: ${nameOf(vector)}`, async () => {
      const ciphers = librarySuite(vector);
      const key = await ciphers.DeserializePrivateKey(hex(vector.skRm), true);
      const context = await ciphers.SetupRecipient(key, hex(vector.enc), { info: hex(vector.info) });
      const exported = exportsOf((what, length) => context.Export(what, length));
      assert.equal(sum(await exported), vector.exports_accumulated);
    });
  }
});

suite('draft-ietf-hpke-pq', { skip: listed.skip }, () => {
  for (const vector of listed.vectors ?? []) {
    for (const { name, hpke } of ours(vector) ? hpkeBackEnds : []) {
      test(`opens and exports as the vector on ${name}: ${nameOf(vector)}`, async () => {
        const recipient = await recipientOf(hpke, vector);
        for (const { aad, ct, pt } of vector.encryptions) {
          assert.equal((await recipient.open(hex(ct), hex(aad))).toHex(), pt);
        }
        for (const { exporter_context, L, exported_value } of vector.exports) {
          assert.equal((await recipient.exportSecret(hex(exporter_context), L)).toHex(), exported_value);
        }
      });
    }

    test(`the library opens the vector: ${nameOf(vector)}`, async () => {
      const ciphers = librarySuite(vector);
      const key = await ciphers.DeserializePrivateKey(hex(vector.skRm), true);
      const context = await ciphers.SetupRecipient(key, hex(vector.enc), { info: hex(vector.info) });
      for (const { aad, ct, pt } of vector.encryptions) {
        assert.equal((await context.Open(hex(ct), hex(aad))).toHex(), pt);
      }
    });
  }
});

suite('X-Wing', { skip: xWing.skip }, () => {
  for (const [index, { seed, pk }] of (xWing.vectors ?? []).entries()) {
    for (const { name, hpke } of hpkeBackEnds) {
      test(`makes the key pair of vector ${index} on ${name}`, async () => {
        const key = await hpke.importKey(KEM_X_WING, { publicKey: hex(pk), privateKey: hex(seed) });
        assert.equal(key.publicKey.toHex(), pk);
      });
    }
  }

  for (const [name, mlKem] of [
    ['node:crypto', nodeMlKem],
    ['WebCrypto', webMlKem()],
  ] as const) {
    test(`decapsulates as the vectors with the ML-KEM of ${name}`, async () => {
      const kem = createXWing(mlKem);
      for (const { seed, ct, ss } of xWing.vectors ?? []) {
        assert.equal((await kem.decapsulate(kem.importKey(hex(seed)), hex(ct))).toHex(), ss);
      }
    });
  }
});

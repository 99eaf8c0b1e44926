// The parts of HPKE on each back end: AES-GCM, HKDF-SHA256 and ML-KEM-768 with the cases of Wycheproof.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { suite, test } from 'node:test';
import { nodeMlKem } from '../../src/crypto/hpke-node-kems.ts';
import { AEAD_AES_128_GCM, AEAD_AES_256_GCM, HpkeError } from '../../src/hpke/suite.ts';
import { hpkeBackEnds } from '../support/hpke-back-ends.ts';
import { readVectors } from '../support/vectors.ts';

type Case<Name extends string> = Record<Name, string> & { tcId: number; result: 'valid' | 'invalid' };

interface Group<Name extends string> {
  ivSize?: number;
  keySize?: number;
  tests: (Case<Name> & { size?: number })[];
}

const ORIGIN = 'github.com/C2SP/wycheproof, testvectors_v1';
const read = <Name extends string>(name: string) =>
  readVectors<{ testGroups: Group<Name>[] }>(`wycheproof/${name}.json`, ORIGIN);
const hex = (text: string) => Uint8Array.fromHex(text);

const aesGcm = read<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag'>('aes_gcm');
const hkdf = read<'ikm' | 'salt' | 'info' | 'okm'>('hkdf_sha256');
const mlKem = read<'dk' | 'c' | 'K'>('mlkem_768_semi_expanded_decaps');

/** HPKE has nonces of 96 bits only (RFC 9180 §7.3). */
const AEADS: Readonly<Record<number, number>> = { 128: AEAD_AES_128_GCM, 256: AEAD_AES_256_GCM };

for (const { name, hpke } of hpkeBackEnds) {
  suite(`Wycheproof on ${name}`, () => {
    test('AES-GCM with the sizes of HPKE', { skip: aesGcm.skip }, async () => {
      let cases = 0;
      for (const { ivSize, keySize = 0, tests } of aesGcm.vectors?.testGroups ?? []) {
        const id = AEADS[keySize];
        if (ivSize !== 96 || id === undefined) continue;
        for (const { tcId, key, iv, aad, msg, ct, tag, result } of tests) {
          const aead = hpke.aead(id, hex(key));
          const opening = (async () => aead.open(hex(iv), hex(ct + tag), hex(aad)))();
          if (result === 'valid') {
            assert.equal((await opening).toHex(), msg, String(tcId));
            assert.equal((await aead.seal(hex(iv), hex(msg), hex(aad))).toHex(), ct + tag, String(tcId));
          } else await assert.rejects(opening, HpkeError, String(tcId));
          cases += 1;
        }
      }
      assert.ok(cases > 100, `${cases} cases`);
    });

    test('HKDF-SHA256', { skip: hkdf.skip }, async () => {
      const tests = (hkdf.vectors?.testGroups ?? []).flatMap((group) => group.tests);
      for (const { tcId, ikm, salt, info, size = 0, okm, result } of tests) {
        const prk = await hpke.extract(hex(salt), hex(ikm));
        const expanding = (async () => hpke.expand(prk, hex(info), size))();
        if (result === 'valid') assert.equal((await expanding).toHex(), okm, String(tcId));
        else await assert.rejects(expanding, `${tcId}: too long (RFC 5869 §2.3)`);
      }
    });
  });
}

/** A private key of ML-KEM-768 that was expanded from its seed, as PKCS #8 (RFC 9935 §6). */
function expandedKey(octets: Uint8Array) {
  const tlv = (tag: number, content: Uint8Array) => {
    const { length } = content;
    const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.of(tag, ...size), content]);
  };
  const algorithm = Buffer.from('300b0609608648016503040402', 'hex');
  const content = [Buffer.from('020100', 'hex'), algorithm, tlv(0x04, tlv(0x04, octets))];
  return createPrivateKey({ key: tlv(0x30, Buffer.concat(content)), format: 'der', type: 'pkcs8' });
}

suite('Wycheproof', () => {
  test('ML-KEM-768: decapsulates valid ciphertexts, and refuses wrong lengths and keys', {
    skip: mlKem.skip,
  }, async () => {
    const tests = (mlKem.vectors?.testGroups ?? []).flatMap((group) => group.tests);
    for (const { tcId, dk, c, K, result } of tests) {
      const decapsulating = (async () => nodeMlKem.decapsulate(expandedKey(hex(dk)), hex(c)))();
      if (result === 'valid') assert.equal(Buffer.from(await decapsulating).toString('hex'), K, String(tcId));
      else await assert.rejects(decapsulating, String(tcId));
    }
  });
});

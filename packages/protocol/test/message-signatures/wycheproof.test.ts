// The signature algorithms of messages on each platform, with the cases of Wycheproof.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { suite, test } from 'node:test';
import type { JsonKey } from '../../src/index.ts';
import { importVerifyingKey } from '../../src/index.ts';
import { backEnds } from '../support/back-ends.ts';
import { readVectors } from '../support/vectors.ts';

interface Group {
  publicKeyPem: string;
  tests: { tcId: number; msg: string; sig: string; result: 'valid' | 'invalid' }[];
}

const read = (name: string) =>
  readVectors<{ testGroups: Group[] }>(
    `wycheproof/${name}.json`,
    'github.com/C2SP/wycheproof, testvectors_v1',
  );
const hex = (text: string) => Uint8Array.fromHex(text);
const ed25519 = read('ed25519');
const ecdsa = read('ecdsa_secp256r1_sha256');

/**
 * The two numbers of a signature in the form for messages (RFC 9421 §3.3.4). Undefined if it is not in DER
 * (RFC 3279 §2.2.3), or if they do not fit into 64 octets.
 */
function numbersOf(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const match = /^30(..)02(..)(.*)$/.exec(der.toHex());
  const [, all = '', first = '', rest = ''] = match ?? [];
  const length = Number.parseInt(first, 16);
  const [r, second] = [rest.slice(0, length * 2), rest.slice(length * 2)];
  const [, size = '', s = ''] = /^02(..)(.*)$/.exec(second) ?? [];
  const isWhole =
    Number.parseInt(all, 16) === der.length - 2 && Number.parseInt(size, 16) === s.length / 2 && r !== '';
  if (!isWhole || ![r, s].every(isNumber)) return undefined;
  const padded = [r, s].map((number) => number.replace(/^00/, '').padStart(64, '0'));
  return padded.every(({ length: digits }) => digits === 64) ? hex(padded.join('')) : undefined;
}

/** Not negative, and without unnecessary zeros. */
function isNumber(digits: string): boolean {
  return /^(?:00[89a-f]|[0-7])/.test(digits) && (digits === '00' || !/^00[0-7]/.test(digits));
}

for (const { name, primitives } of backEnds) {
  suite(`Wycheproof on ${name}`, () => {
    const verify = async ({ publicKeyPem }: Group) =>
      importVerifyingKey(createPublicKey(publicKeyPem).export({ format: 'jwk' }) as JsonKey, primitives);

    test('Ed25519', { skip: ed25519.skip }, async () => {
      for (const group of ed25519.vectors?.testGroups ?? []) {
        const key = await verify(group);
        for (const { tcId, msg, sig, result } of group.tests)
          assert.equal(await key.verify(hex(msg), hex(sig)), result === 'valid', String(tcId));
      }
    });

    test('ECDSA with P-256, without the cases that are about DER', { skip: ecdsa.skip }, async () => {
      let cases = 0;
      for (const group of ecdsa.vectors?.testGroups ?? []) {
        const key = await verify(group);
        for (const { tcId, msg, sig, result } of group.tests) {
          const numbers = numbersOf(hex(sig));
          if (numbers === undefined) {
            assert.equal(result, 'invalid', String(tcId));
            continue;
          }
          assert.equal(await key.verify(hex(msg), numbers), result === 'valid', String(tcId));
          cases += 1;
        }
      }
      assert.ok(cases > 200, `${cases} cases`);
    });
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KEM_X25519 } from '../../src/hpke/suite.ts';
import {
  OFFERED_ALGORITHMS,
  readKeyConfigurations,
  usableConfigurations,
  writeKeyConfigurations,
} from '../../src/ohttp/key-configuration.ts';

const KEY = { id: 3, kem: KEM_X25519, publicKey: new Uint8Array(32).fill(9), algorithms: OFFERED_ALGORITHMS };
const LIST = writeKeyConfigurations([KEY, { ...KEY, id: 4 }]);
const invalid = { name: 'ObliviousError', code: 'ohttp_configuration_invalid' };

test('reads back written lists', () => {
  assert.deepEqual(readKeyConfigurations(LIST), [KEY, { ...KEY, id: 4 }]);
  assert.deepEqual(readKeyConfigurations(new Uint8Array(0)), []);
});

test('leaves out unknown KEMs and unknown algorithms', () => {
  const unknown = Uint8Array.fromHex('000a01999900000400010001');
  assert.deepEqual(readKeyConfigurations(unknown), []);
  const odd = { ...KEY, algorithms: [{ kdf: 9, aead: 9 }] };
  assert.deepEqual(usableConfigurations(readKeyConfigurations(writeKeyConfigurations([odd]))), []);
});

test('refuses a list that is truncated or too long, or has wrong lengths', () => {
  const first = writeKeyConfigurations([KEY]);
  for (let length = 1; length < first.length; length++) {
    assert.throws(() => readKeyConfigurations(first.subarray(0, length)), invalid);
  }
  const many = writeKeyConfigurations(Array.from({ length: 17 }, () => KEY));
  assert.throws(() => readKeyConfigurations(many), invalid);
  assert.throws(() => readKeyConfigurations(writeKeyConfigurations([{ ...KEY, algorithms: [] }])), invalid);
});

test('10,000 changed lists give a list or the same error', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (changes, cut) => {
        const octets = Uint8Array.from(LIST.subarray(0, LIST.length - (cut % 8)));
        for (const [at, value] of changes) octets[at % octets.length] = value;
        try {
          usableConfigurations(readKeyConfigurations(octets));
        } catch (error) {
          assert.equal((error as { code?: string }).code, invalid.code);
        }
      },
    ),
    { numRuns: 10_000 },
  );
});

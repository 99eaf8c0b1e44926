// HMAC-SHA-256 on both platforms.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import { backEnds } from '../support/back-ends.ts';
import { readVectors } from '../support/vectors.ts';

interface Case {
  tcId: number;
  key: string;
  msg: string;
  tag: string;
  result: 'valid' | 'invalid';
}

const wycheproof = readVectors<{ testGroups: { tests: Case[] }[] }>(
  'wycheproof/hmac_sha256.json',
  'github.com/C2SP/wycheproof, testvectors_v1',
);
const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

for (const { name, primitives } of backEnds) {
  suite(`HMAC-SHA-256 on ${name}`, () => {
    test('agrees with the examples, also for a key that is longer than a block (RFC 4231 §4.3, §4.7)', async () => {
      const short = primitives.hmacSha256(Buffer.from('Jefe'));
      assert.equal(
        hex(await short(Buffer.from('what do ya want for nothing?'))),
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      );
      const long = primitives.hmacSha256(Buffer.alloc(131, 0xaa));
      assert.equal(
        hex(await long(Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First'))),
        '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
      );
    });

    test('agrees with Wycheproof on every case', { skip: wycheproof.skip }, async () => {
      for (const { tcId, key, msg, tag, result } of (wycheproof.vectors?.testGroups ?? []).flatMap(
        ({ tests }) => tests,
      )) {
        const code = hex(await primitives.hmacSha256(Buffer.from(key, 'hex'))(Buffer.from(msg, 'hex')));
        assert.equal(code.startsWith(tag), result === 'valid', String(tcId));
      }
    });

    test('agrees with node:crypto on messages of any length', async () => {
      const key = randomBytes(16);
      const mac = primitives.hmacSha256(key);
      for (const length of [0, 1, 55, 56, 63, 64, 8191, 8192, 8193, 100_000]) {
        const message = randomBytes(length);
        assert.equal(hex(await mac(message)), createHmac('sha256', key).update(message).digest('hex'));
      }
    });
  });
}

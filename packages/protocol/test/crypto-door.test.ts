import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backEnds } from './support/back-ends.ts';

const source = join(import.meta.dirname, '..', 'src');

test('only files in src/crypto import from Node, so that everything else runs in browsers', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const importing = files.filter((file) =>
    /from 'node:|\bBuffer\b|\bprocess\b/.test(readFileSync(join(source, file), 'utf8')),
  );
  const parts = ['hpke-node-kems', 'hpke-node', 'node-aes-cbc', 'node-hmac', 'node'];
  assert.deepEqual(
    importing.toSorted(),
    parts.map((name) => join('crypto', `${name}.ts`)),
  );
});

test('the import #crypto gives node:crypto in Node', async () => {
  const { primitives } = await import('#crypto');
  assert.equal(primitives, backEnds[0]?.primitives);
});

for (const { name, primitives } of backEnds) {
  test(`${name}: accepts bytes in shared memory`, async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(16));
    const cipher = primitives.aes128Cbc(shared);
    const ciphertext = new Uint8Array(32);
    await cipher.encryptInto(ciphertext, shared, shared);
    assert.deepEqual([...(await cipher.decrypt(shared, ciphertext))], [...shared]);
    assert.equal((await primitives.hmacSha256(shared)(shared)).length, 32);
  });

  test(`${name}: compares byte strings, and refuses different lengths`, () => {
    const equal = primitives.equalInConstantTime;
    assert.equal(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
    assert.equal(equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
    assert.throws(() => equal(Uint8Array.of(1), Uint8Array.of(1, 2)), RangeError);
  });
}

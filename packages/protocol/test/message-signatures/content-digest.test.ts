import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentDigest, verifyContentDigest } from '../../src/index.ts';
import { backEnds } from '../support/back-ends.ts';
import { CONTENT, CONTENT_DIGEST } from '../support/rfc9421.ts';

const SHA_256 = 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:';
const WRONG_256 = 'sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:';

for (const { name, primitives } of backEnds) {
  test(`${name}: makes digests of content (RFC 9530 §2)`, async () => {
    assert.equal(await contentDigest(CONTENT, 'sha-256', primitives), SHA_256);
    assert.equal(await contentDigest(CONTENT, 'sha-512', primitives), CONTENT_DIGEST);
    assert.equal(
      await contentDigest(new Uint8Array(), 'sha-256', primitives),
      'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
    );
  });

  test(`${name}: requires that all accepted digests are right`, async () => {
    const verify = (value: string | undefined) => verifyContentDigest(value, CONTENT, primitives);
    await verify(SHA_256);
    await verify(CONTENT_DIGEST);
    await verify(`${SHA_256}, ${CONTENT_DIGEST}`);
    await verify(`md5=:AAAA:, ${SHA_256}`);
    await assert.rejects(verify(WRONG_256), { code: 'digest_mismatch' });
    await assert.rejects(verify(`${WRONG_256}, ${CONTENT_DIGEST}`), { code: 'digest_mismatch' });
    await assert.rejects(verify(`${CONTENT_DIGEST}, ${WRONG_256}`), { code: 'digest_mismatch' });
  });
}

test('refuses a field without an accepted digest', async () => {
  for (const value of [undefined, '', 'md5=:AAAA:', 'unixsum=:AAAA:']) {
    await assert.rejects(verifyContentDigest(value, CONTENT), { code: 'digest_missing' });
  }
});

test('refuses a field that is not well formed', async () => {
  for (const value of [
    'sha-256',
    'sha-256=:AAAA:',
    'sha-256="x"',
    'sha-256=()',
    `${SHA_256}, ${SHA_256}`,
    `${SHA_256},`,
    'SHA-256=:x:',
  ]) {
    await assert.rejects(verifyContentDigest(value, CONTENT), { code: 'digest_malformed' });
  }
});

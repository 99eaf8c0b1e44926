// Hashes and HMACs of texts, octets, files and streams, with vectors of the standards and with Python.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hasHash, hasHmac, hash, hashAlgorithms, hmac } from '../../src/hash/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-hash-'));
after(() => rmSync(folder, { recursive: true }));
const octets = Buffer.from(Array.from({ length: 700_001 }, (_, index) => (index * 31) % 251));
const file = join(folder, 'octets');
writeFileSync(file, octets);

test('the hash of a text is the vector of its standard (FIPS 180-4, FIPS 202, RFC 7693 appendix A)', async () => {
  assert.equal(
    await hash('sha256', 'abc'),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  assert.equal(
    await hash('sha3-256', 'abc'),
    '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532',
  );
  assert.equal(
    await hash('blake2s256', 'abc'),
    '508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982',
  );
  assert.match(await hash('blake2b512', 'abc'), /^ba80a53f981c4d0d6a2797b69f12f6e9/);
});

test('the HMAC is the vector of RFC 4231 §4.3', async () => {
  const code = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  assert.equal(await hmac('sha256', 'Jefe', 'what do ya want for nothing?'), code);
  assert.ok(await hasHmac('sha256', 'Jefe', 'what do ya want for nothing?', code));
  assert.equal(await hasHmac('sha256', 'Jefe', 'what do ya want for nothing!', code), false);
});

test('octets, a stream and a file have the same hash, for every algorithm', async () => {
  for (const algorithm of hashAlgorithms) {
    const expected = await hash(algorithm, octets);
    assert.equal(await hash(algorithm, createReadStream(file, { highWaterMark: 1000 })), expected);
    assert.equal(await hash(algorithm, { file }), expected);
    assert.ok(await hasHash(algorithm, { file }, expected.toUpperCase()));
    assert.equal(await hasHash(algorithm, 'other', expected), false);
  }
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

test('the HMACs of a file are the same as in Python', {
  skip: hasPython ? false : 'needs python3',
}, async () => {
  const names: Record<string, string> = { blake2b512: 'blake2b', blake2s256: 'blake2s' };
  const compared = hashAlgorithms.filter((algorithm) => algorithm !== 'sha512-256'); // not in every Python
  const program = `import hmac, sys
octets = open(sys.argv[1], 'rb').read()
for name in sys.argv[2:]: print(hmac.new(b'k\\x00y', octets, name).hexdigest())`;
  const named = compared.map((algorithm) => names[algorithm] ?? algorithm.replace('-', '_'));
  const output = execFileSync('python3', ['-c', program, file, ...named], { encoding: 'utf8' });
  const ours = await Promise.all(compared.map((algorithm) => hmac(algorithm, Buffer.from('k\0y'), { file })));
  assert.deepEqual(ours, output.trim().split('\n'));
});

test('md5 checks an existing hash and makes no new one (RFC 6151 §2)', async () => {
  assert.ok(await hasHash('md5', 'abc', '900150983cd24fb0d6963f7d28e17f72'));
  await assert.rejects(hash('md5' as 'sha256', 'abc'), /md5 is only for checking/);
  await assert.rejects(hmac('md5' as 'sha256', 'k', 'abc'), /md5 is only for checking/);
});

test('refuses an unknown algorithm and an empty key, and reports a missing file', async () => {
  await assert.rejects(hash('sha1' as 'sha256', 'abc'), /unknown hash algorithm sha1/);
  await assert.rejects(hasHash('sha1' as 'sha256', 'abc', ''), /unknown hash algorithm sha1/);
  await assert.rejects(hmac('sha256', '', 'abc'), /must not be empty/);
  await assert.rejects(hash('sha256', { file: join(folder, 'none') }), { code: 'ENOENT' });
});

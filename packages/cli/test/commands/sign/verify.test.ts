// gatehouse sign and verify: verify accepts the signatures of sign, and no others.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encryptPrivateKey } from '@gatehouse/x509';
import { compactVerify } from 'jose';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const pairs = {
  EdDSA: generateKeyPairSync('ed25519'),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  PS512: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};
const CONTENT = Buffer.alloc(300_000, 'release ');

function files(t: TestContext, pair = pairs.EdDSA) {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path('release'), CONTENT);
  writeFileSync(path('key'), String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })));
  writeFileSync(path('pub'), String(pair.publicKey.export({ type: 'spki', format: 'pem' })));
  const sign = (...args: string[]) => gatehouse(['sign', '--key', path('key'), ...args, path('release')]);
  const verify = (...args: string[]) =>
    gatehouse(['verify', '--public-key', path('pub'), ...args, path('release')]);
  return { path, sign, verify };
}

for (const [alg, pair] of Object.entries(pairs)) {
  test(`verify and a JWS library accept a signature with ${alg} (RFC 7515)`, async (t) => {
    const { path, sign, verify } = files(t, pair);
    assert.equal((await sign()).status, 0);
    const outcome = await verify();
    assert.match(outcome.stdout, /is as it was signed/);
    assert.equal(outcome.status, 0);
    const text = readFileSync(path('release.sig'), 'utf8').trim();
    const { payload, protectedHeader } = await compactVerify(text, pair.publicKey);
    assert.deepEqual(protectedHeader, { alg, typ: 'gatehouse-file-signature' });
    const { iat, ...statement } = JSON.parse(Buffer.from(payload).toString());
    const sha512 = createHash('sha512').update(CONTENT).digest('hex');
    assert.deepEqual(statement, { file: 'release', size: CONTENT.length, sha512 });
    assert.equal(typeof iat, 'number');
  });
}

test('refuses another file, another key and another signature', async (t) => {
  const { path, sign, verify } = files(t);
  await sign();
  writeFileSync(path('release'), Buffer.concat([CONTENT.subarray(1), Buffer.from('x')]));
  const changed = await verify();
  assert.deepEqual([changed.status, changed.stdout], [1, '']);
  assert.match(changed.stderr, /its content is different/);
  writeFileSync(path('release'), CONTENT);
  const other = String(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(path('other.pub'), other);
  const outcome = await gatehouse(['verify', '--public-key', path('other.pub'), path('release')]);
  assert.match(outcome.stderr, /was not made by this key/);
  const [head = '', body = '', tail = ''] = readFileSync(path('release.sig'), 'utf8').trim().split('.');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const forged = {
    'another hash': [head, encode({ ...decode(body), sha512: 'x' }), tail],
    'no algorithm': [encode({ ...decode(head), alg: 'none' }), body, tail],
    'HMAC with the public key': [encode({ ...decode(head), alg: 'HS256' }), body, tail],
    'a key of its own': [encode({ ...decode(head), jwk: {} }), body, tail],
    'an extension': [encode({ ...decode(head), crit: ['b64'] }), body, tail],
    'another type': [encode({ ...decode(head), typ: 'JWT' }), body, tail],
    nonsense: ['a', 'b', 'c'],
    'no signature': [head, body, ''],
    'one part more': [head, body, tail, tail],
  };
  for (const [what, parts] of Object.entries(forged)) {
    writeFileSync(path('forged'), parts.join('.'));
    const { status, stdout } = await verify('--signature', path('forged'));
    assert.deepEqual([status, stdout], [1, ''], what);
  }
});

test('signs with an encrypted key and its certificate; verify finds the key by the roots', async (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string) => join(folder, name);
  writeFileSync(path('release'), CONTENT);
  writeFileSync(path('sealed'), encryptPrivateKey(pairs.ES256.privateKey, 'correct horse'));
  writeFileSync(path('passphrase'), 'correct horse', { mode: 0o600 });
  const run = async (...args: string[]) => {
    const outcome = await gatehouse(args);
    assert.equal(outcome.status, 0, outcome.stderr);
    return outcome;
  };
  for (const name of ['root', 'other']) {
    await run('pki', 'key', '--out', path(`${name}.key`));
    await run('pki', 'ca', '--key', path(`${name}.key`), '--common-name', name, '--out', path(`${name}.pem`));
  }
  const passphrase = ['--passphrase-file', path('passphrase')];
  await run(
    'pki',
    'csr',
    '--key',
    path('sealed'),
    ...passphrase,
    '--name',
    'releases',
    '--out',
    path('csr.pem'),
  );
  await run(
    'pki',
    'sign',
    path('csr.pem'),
    '--ca',
    path('root.pem'),
    '--ca-key',
    path('root.key'),
    '--out',
    path('releases.pem'),
  );
  await run('sign', '--key', path('sealed'), ...passphrase, '--cert', path('releases.pem'), path('release'));
  const { stdout } = await run('verify', '--roots', path('root.pem'), path('release'));
  assert.match(stdout, /is as it was signed by .*releases/);
  const refused = await gatehouse(['verify', '--roots', path('other.pem'), path('release')]);
  assert.deepEqual([refused.status, refused.stdout], [1, '']);
  assert.match(refused.stderr, /certificate of the signature is not trusted/);
});

test('replaces no file without --force, and asks for exactly one of --public-key and --roots', async (t) => {
  const { path, sign } = files(t);
  await sign();
  assert.equal((await sign()).status, 1);
  assert.equal((await sign('--force')).status, 0);
  assert.equal((await gatehouse(['verify', path('release')])).status, 2);
  const both = ['--public-key', path('pub'), '--roots', path('pub')];
  assert.equal((await gatehouse(['verify', ...both, path('release')])).status, 2);
});

test('signs standard input into a named file, and prints JSON', async (t) => {
  const { path } = files(t);
  const args = ['sign', '--key', path('key'), '--json', '-'];
  assert.equal((await gatehouse(args, { stdin: 'hello' })).status, 2);
  const { stdout } = await gatehouse([...args, '--out', path('stdin.sig')], { stdin: 'hello' });
  const { file, size, algorithm } = JSON.parse(stdout);
  assert.deepEqual([file, size, algorithm], ['-', 5, 'EdDSA']);
  const verify = ['verify', '--public-key', path('pub'), '--signature', path('stdin.sig'), '--json', '-'];
  assert.equal(JSON.parse((await gatehouse(verify, { stdin: 'hello' })).stdout).ok, true);
});

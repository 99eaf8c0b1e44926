// gatehouse cert issue and cert sign: the key is made on this machine, and both files are written or neither.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  createRequest,
  generatePrivateKey,
  readCertificate,
  readPrivateKey,
  signerFromKey,
} from '@gatehouse/x509';
import fc from 'fast-check';
import { anyText } from '../../../../../fuzz/harness/any-text.ts';
import { hasOpenssl, needsOpenssl } from '../../../../client/test/certificates.ts';
import { fileNameOf } from '../../../src/commands/cert/file-name.ts';
import { startFakeAdmin, temporaryFolder } from '../../fake-admin.ts';
import { startFakeAuthority } from '../../fake-authority.ts';
import { gatehouse } from '../../fake-process.ts';

test('writes NAME.pem with the chain and NAME.key for this user only; the key is never sent', async (t) => {
  const admin = await startFakeAuthority(t);
  const out = temporaryFolder(t);
  const outcome = await gatehouse(['cert', 'issue', 'localhost', '127.0.0.1', '--out', out], {
    env: admin.env,
  });
  assert.equal(outcome.status, 0, outcome.stderr);
  const [pem, key] = [read(out, 'localhost.pem'), read(out, 'localhost.key')];
  assert.equal(pem.match(/BEGIN CERTIFICATE/g)?.length, 2);
  assert.ok(new X509Certificate(pem).checkPrivateKey(createPrivateKey(key)));
  assert.equal(statSync(join(out, 'localhost.key')).mode & 0o777, 0o600);
  assert.match(outcome.stdout, /^issued [0-9a-f]+ for localhost, 127\.0\.0\.1, valid until \d{4}-/);
  assert.match(
    outcome.stderr,
    /nginx: ssl_certificate .*localhost\.pem; ssl_certificate_key .*localhost\.key;/,
  );
  const [call] = admin.calls;
  const sent = call?.body as { request: string };
  assert.doesNotMatch(JSON.stringify(sent), /PRIVATE/);
  assert.deepEqual(
    { ...sent, request: undefined },
    { names: ['localhost', '127.0.0.1'], profile: 'server', request: undefined },
  );
});

test('revokes a certificate that was issued but could not be written, and leaves no file', async (t) => {
  const authority = await startFakeAuthority(t);
  const out = temporaryFolder(t);
  authority.beforeAnswer = () => writeFileSync(join(out, 'localhost.key'), 'of another program');
  const outcome = await gatehouse(['cert', 'issue', 'localhost', '--out', out], { env: authority.env });
  const [issued] = authority.issued;
  assert.deepEqual([outcome.status, outcome.stdout], [1, '']);
  assert.match(
    outcome.stderr,
    /localhost\.key: it already exists; .*; the certificate [0-9a-f]{40} is therefore revoked\n$/,
  );
  assert.deepEqual([issued?.status, issued?.reason], ['revoked', 'cessationOfOperation']);
  assert.deepEqual(readdirSync(out), ['localhost.key']);
});

test('cert sign revokes a certificate that it cannot print', async (t) => {
  const authority = await startFakeAuthority(t);
  const path = join(temporaryFolder(t), 'web.csr');
  writeFileSync(path, requestFor('a.example'));
  const options = { env: authority.env, brokenOutput: 'ENOSPC' };
  const { status, stderr } = await gatehouse(['cert', 'sign', path], options);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^gatehouse: cannot write to standard output: the disk is full; the certificate \S+ is therefore revoked\n$/,
  );
  assert.equal(authority.issued[0]?.status, 'revoked');
});

test('--json has serial, notAfter, names, profile and both files', async (t) => {
  const admin = await startFakeAuthority(t);
  const out = temporaryFolder(t);
  const args = ['cert', 'issue', '*.example.com', '--out', out, '--json', '--lifetime', '12h'];
  const { stdout, stderr } = await gatehouse(args, { env: admin.env });
  assert.equal(stderr, '');
  const { serial, notAfter, names, profile, files, certificate } = JSON.parse(stdout);
  assert.deepEqual(files, [join(out, '_wildcard.example.com.pem'), join(out, '_wildcard.example.com.key')]);
  assert.deepEqual([names, profile, certificate], [['*.example.com'], 'server', undefined]);
  const leaf = readCertificate(new X509Certificate(read(out, '_wildcard.example.com.pem')).raw);
  assert.deepEqual([leaf.serialNumber, leaf.notAfter.toISOString()], [serial, notAfter]);
  assert.equal(Object(admin.calls[0]?.body).lifetimeSeconds, 43_200);
});

test('recommends nginx with absolute paths, but not for ML-DSA, which some versions of nginx cannot serve', async (t) => {
  const { env, folder } = await startFakeAuthority(t);
  const issue = ['cert', 'issue', 'example.com', '--force', '--out', folder];
  const usual = await gatehouse(issue, { env });
  assert.match(usual.stderr, /^Use it with nginx: ssl_certificate \/.*\/example\.com\.pem; /m);
  const postQuantum = await gatehouse([...issue, '--key-type', 'ML-DSA-44'], { env });
  assert.doesNotMatch(postQuantum.stderr, /nginx/);
  assert.match(postQuantum.stderr, /OpenSSL 3\.5/);
});

test('a client certificate is for the name of a user or service, with roles', async (t) => {
  const admin = await startFakeAuthority(t);
  const out = temporaryFolder(t);
  const args = ['cert', 'issue', 'build_robot', '--profile', 'client', '--role', 'ci', '--out', out];
  const { status, stderr } = await gatehouse(args, { env: admin.env });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /curl: --cert .*build_robot\.pem --key .*build_robot\.key/);
  const { names, profile, roles } = Object(admin.calls[0]?.body);
  assert.deepEqual([names, profile, roles], [['build_robot'], 'client', ['ci']]);
});

test('refuses existing files, missing folders and unknown types of key before it calls the server', async (t) => {
  const admin = await startFakeAuthority(t);
  const out = temporaryFolder(t);
  const issue = (...args: string[]) => gatehouse(['cert', 'issue', 'a.example', ...args], { env: admin.env });
  for (const taken of ['a.example.key', 'a.example.pem']) {
    const folder = join(out, taken.slice(-3));
    mkdirSync(folder);
    writeFileSync(join(folder, taken), 'precious');
    const refused = await issue('--out', folder);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /^gatehouse: cannot write .*: it already exists; .*--force\n$/);
    assert.deepEqual(readdirSync(folder), [taken]);
    assert.equal(read(folder, taken), 'precious');
  }
  assert.equal((await issue('--out', join(out, 'missing'))).status, 1);
  assert.equal((await issue('--key-type', 'DSA')).status, 2);
  assert.equal((await gatehouse(['cert', 'issue', 'exa mple'], { env: admin.env })).status, 2);
  assert.equal((await gatehouse(['cert', 'issue'], { env: admin.env })).status, 2);
  assert.deepEqual(admin.calls, []);
  assert.equal((await issue('--out', join(out, 'key'), '--force')).status, 0);
});

test('leaves no file when the server refuses, and gives the reason', async (t) => {
  const detail = 'No certificate: example.org is not among the names of profile server.';
  const admin = await startFakeAdmin(t, { 'POST /admin/certificates': { status: 422, body: { detail } } });
  const out = temporaryFolder(t);
  const outcome = await gatehouse(['cert', 'issue', 'example.org', '--out', out], { env: admin.env });
  assert.deepEqual(outcome, { status: 1, stdout: '', stderr: `gatehouse: ${detail}\n` });
  assert.deepEqual(readdirSync(out), []);
});

test('leaves no file when the answer is a certificate for another key', async (t) => {
  const authority = await startFakeAuthority(t);
  const request = createRequest(
    { subject: { commonName: 'x' } },
    signerFromKey(generatePrivateKey('P-256')),
  ).pem;
  const foreign = authority.issue({ request, names: ['a.example'] });
  const admin = await startFakeAdmin(t, { 'POST /admin/certificates': { status: 201, body: foreign } });
  const out = temporaryFolder(t);
  const outcome = await gatehouse(['cert', 'issue', 'a.example', '--out', out], { env: admin.env });
  assert.equal(outcome.status, 1);
  assert.match(outcome.stderr, /for another key: nothing was written/);
  assert.deepEqual(readdirSync(out), []);
});

test('encrypts the key with the passphrase of a file', async (t) => {
  const admin = await startFakeAuthority(t);
  const out = temporaryFolder(t);
  const passphraseFile = join(out, 'passphrase');
  writeFileSync(passphraseFile, 'correct horse\n', { mode: 0o600 });
  const args = ['cert', 'issue', 'a.example', '--out', out, '--passphrase-file', passphraseFile];
  assert.equal((await gatehouse(args, { env: admin.env })).status, 0);
  const key = read(out, 'a.example.key');
  assert.match(key, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  assert.equal(readPrivateKey(key, 'correct horse').type, 'private');
});

test('makes keys of every type in the help', async (t) => {
  const admin = await startFakeAuthority(t);
  const out = temporaryFolder(t);
  for (const type of ['P-384', 'Ed25519', 'RSA-2048', 'ML-DSA-65']) {
    const args = ['cert', 'issue', `${type}.example`, '--key-type', type, '--out', out];
    const { status, stderr } = await gatehouse(args, { env: admin.env });
    assert.equal(status, 0, stderr);
  }
  assert.equal(readdirSync(out).length, 8);
});

test('a file name is safe in a shell and in a path, and does not look like an option', () => {
  assert.equal(fileNameOf('*.example.com'), '_wildcard.example.com');
  assert.equal(fileNameOf('::1'), '__1');
  assert.equal(fileNameOf('../../etc/passwd'), '_._.._etc_passwd');
  assert.equal(fileNameOf('URI:urn:a/b'), 'urn_a_b');
  assert.equal(fileNameOf('-rf'), '_rf');
  fc.assert(fc.property(anyText, (name) => /^[A-Za-z0-9_@+][A-Za-z0-9._@+-]{0,99}$/.test(fileNameOf(name))));
});

test('cert sign prints only the chain on standard output, or writes it to a new file', async (t) => {
  const admin = await startFakeAuthority(t);
  const folder = temporaryFolder(t);
  const request = join(folder, 'request.pem');
  writeFileSync(request, requestFor('a.example'));
  const printed = await gatehouse(['cert', 'sign', request, '--name', 'b.example'], { env: admin.env });
  assert.equal(printed.stdout, admin.issued[0]?.chain);
  assert.match(printed.stderr, /^issued [0-9a-f]+ for b\.example, valid until .*\n$/);
  const out = join(folder, 'a.pem');
  const written = await gatehouse(['cert', 'sign', request, '--out', out, '--json'], { env: admin.env });
  assert.equal(written.status, 0, written.stderr);
  const { names, files } = JSON.parse(written.stdout);
  assert.deepEqual([names, files], [['a.example'], [out]]);
  assert.equal(readFileSync(out, 'utf8'), admin.issued[1]?.chain);
  assert.equal((await gatehouse(['cert', 'sign', request, '--out', out], { env: admin.env })).status, 1);
  assert.equal(admin.calls.length, 2);
});

test('cert sign accepts requests that openssl made, in DER and in PEM', async (t) => {
  if (!hasOpenssl()) return t.skip(needsOpenssl);
  const admin = await startFakeAuthority(t);
  const folder = temporaryFolder(t);
  for (const form of ['DER', 'PEM']) {
    const request = join(folder, `request.${form}`);
    const names = ['-subj', '/CN=x', '-addext', 'subjectAltName=DNS:a.example', '-outform', form];
    execFileSync(
      'openssl',
      ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', '/dev/null', ...names, '-out', request],
      { stdio: 'pipe' },
    );
    const { status, stderr } = await gatehouse(['cert', 'sign', request], { env: admin.env });
    assert.equal(status, 0, stderr);
  }
});

test('cert sign reports a file without a request, and sends nothing', async (t) => {
  const admin = await startFakeAuthority(t);
  const path = join(temporaryFolder(t), 'file');
  for (const content of ['nonsense', '', requestFor('a.example').slice(0, 200), admin.root]) {
    writeFileSync(path, content);
    const { status, stderr } = await gatehouse(['cert', 'sign', path], { env: admin.env });
    assert.equal(status, 1);
    assert.ok(stderr.startsWith('gatehouse: ') && stderr.includes(path), stderr);
  }
  assert.deepEqual(admin.calls, []);
});

function requestFor(name: string): string {
  const signer = signerFromKey(generatePrivateKey('P-256'));
  return createRequest({ subject: {}, subjectAltNames: [{ type: 'dNSName', value: name }] }, signer).pem;
}

function read(folder: string, name: string): string {
  const path = join(folder, name);
  assert.ok(existsSync(path), path);
  return readFileSync(path, 'utf8');
}

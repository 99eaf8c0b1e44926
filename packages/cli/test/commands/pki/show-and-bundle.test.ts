// gatehouse pki show and bundle: the contents of files, without secrets and without control characters from
// strangers.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { readCertificates } from '@gatehouse/x509';
import { createFurnishedDesk } from '../../desk.ts';

test('show prints only the kind and the public fingerprint of a key', async (t) => {
  const desk = await createFurnishedDesk(t);
  const text = desk.text('server.key').split('\n')[1] ?? '';
  const words = await desk.done('show', '@server.key');
  assert.match(words, /^Private key\n {2}key +P-256\n {2}key pin +sha256\/\S{44}\n$/);
  const json = await desk.done('show', '@server.key', '--json');
  assert.deepEqual(Object.keys(JSON.parse(json)), ['kind', 'key']);
  for (const output of [words, json]) assert.ok(!output.includes(text));
});

test('show says that a key is encrypted, and prints its kind with the passphrase', async (t) => {
  const desk = await createFurnishedDesk(t);
  desk.put('passphrase', 'secret');
  await desk.done('key', '--out', '@key', '--passphrase-file', '@passphrase');
  assert.match(await desk.done('show', '@key'), /encrypted/);
  assert.deepEqual(JSON.parse(await desk.done('show', '@key', '--json')), {
    kind: 'privateKey',
    isEncrypted: true,
    key: null,
  });
  assert.match(await desk.done('show', '@key', '--passphrase-file', '@passphrase'), /P-256/);
  desk.put('wrong', 'another');
  const [, base64 = ''] = /-----\n([\s\S]+)\n-----/.exec(desk.text('key')) ?? [];
  desk.put('key.der', Buffer.from(base64, 'base64'));
  assert.match(await desk.done('show', '@key.der', '--passphrase-file', '@passphrase'), /P-256/);
  assert.match(await desk.refused(1, 'show', '@key.der', '--passphrase-file', '@wrong'), /passphrase/);
});

test('show prints the purpose of a certificate, for people and in JSON', async (t) => {
  const desk = await createFurnishedDesk(t);
  const words = await desk.done('show', '@ca.pem');
  assert.match(words, /^Certificate of an authority\n {2}subject +CN=Test CA\n {2}issuer +itself\n/);
  assert.match(words, / {2}valid +\S+Z to \S+Z \(9 years left\)\n/);
  const { kind, isCa, key, keyUsage, sha256 } = JSON.parse(await desk.done('show', '@ca.pem', '--json'));
  assert.deepEqual({ kind, isCa, type: key.type }, { kind: 'certificate', isCa: true, type: 'P-256' });
  assert.deepEqual(keyUsage, ['keyCertSign', 'cRLSign']);
  assert.match(sha256, /^[0-9a-f]{64}$/);
});

test('show reads text around PEM that begins with a digit or dashes, and a byte order mark', async (t) => {
  const desk = await createFurnishedDesk(t);
  const plain = await desk.done('show', '@ca.pem');
  for (const before of ['0 certificates\n', '----------\n', '\uFEFF', '0\n\uFEFF']) {
    desk.put('noted.pem', `${before}${desk.text('ca.pem')}0\n-----\n`);
    assert.equal(await desk.done('show', '@noted.pem'), plain, before);
  }
});

test('show reads DER of every kind, and several objects in one file', async (t) => {
  const desk = await createFurnishedDesk(t);
  await desk.done('key', '--out', '@k', '--public', '@public');
  await desk.done('crl', '--ca', '@ca.pem', '--ca-key', '@ca.key', '--revoke', '00c0ffee', '--out', '@crl');
  const kinds: [string, string][] = [
    ['ca.pem', 'certificate'],
    ['server.csr', 'request'],
    ['server.key', 'privateKey'],
    ['public', 'publicKey'],
    ['crl', 'revocationList'],
  ];
  for (const [name, kind] of kinds) {
    const der = Buffer.from(desk.text(name).replaceAll(/-.*-\n|\n/g, ''), 'base64');
    desk.put('der', der);
    assert.equal(JSON.parse(await desk.done('show', '@der', '--json')).kind, kind);
  }
  desk.put('all', kinds.map(([name]) => desk.text(name)).join('in between\n'));
  const { kind, objects } = JSON.parse(await desk.done('show', '@all', '--json'));
  assert.equal(kind, 'bundle');
  assert.deepEqual(
    objects.map((object: { kind: string }) => object.kind),
    kinds.map(([, each]) => each),
  );
  assert.match(await desk.done('show', '@all'), /^Revocation list \(5 of 5\)$/m);
});

test('show, csr and key read the private and public keys of ssh-keygen', async (t) => {
  if (spawnSync('ssh-keygen', ['-?']).error !== undefined) {
    return t.skip('needs ssh-keygen (apt-get install openssh-client)');
  }
  const desk = await createFurnishedDesk(t);
  execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', desk.path('ssh')]);
  const [key, line] = [
    JSON.parse(await desk.done('show', '@ssh', '--json')),
    JSON.parse(await desk.done('show', '@ssh.pub', '--json')),
  ];
  assert.deepEqual([key.kind, line.kind, key.key.type], ['privateKey', 'publicKey', 'P-256']);
  assert.deepEqual(key.key, line.key);
  await desk.done('csr', '--key', '@ssh', '--name', 'example.com', '--out', '@ssh.csr');
  await desk.done('key', '--from', '@ssh', '--out', '@pkcs8');
  execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', 'p4ssphrase', '-f', desk.path('locked')]);
  assert.match(await desk.refused(1, 'show', '@locked'), /^locked: .*bcrypt.*ssh-keygen -p -m PEM -f/);
});

test('show says that it did not check the signature of a request whose key is too short', async (t) => {
  if (spawnSync('openssl', ['version']).status !== 0)
    return t.skip('needs openssl (apt-get install openssl)');
  const desk = await createFurnishedDesk(t);
  const request = ['req', '-new', '-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=weak'];
  const files = ['-keyout', desk.path('weak.key'), '-out', desk.path('weak.csr')];
  execFileSync('openssl', [...request, ...files], { stdio: 'pipe' });
  assert.match(await desk.done('show', '@weak.csr'), /^ {2}signature +not checked: RSA-1024 is too short; /m);
  const { isSignedByItsKey } = JSON.parse(await desk.done('show', '@weak.csr', '--json'));
  assert.equal(isSignedByItsKey, null);
});

test('show refuses files of other kinds, truncated files and large ones, in one line', async (t) => {
  const desk = await createFurnishedDesk(t);
  desk.put('text', 'hello\n');
  desk.put('cut', desk.text('ca.pem').slice(0, 200));
  desk.put('odd', Buffer.from('3003020100', 'hex'));
  const cases: [string, RegExp][] = [
    ['@text', /^text holds nothing that this command can read: give PEM or DER$/],
    ['@cut', /^cut: .*does not end/],
    ['@odd', /^odd: neither a certificate, /],
    ['@none', /^cannot read none: there is no such file$/],
    ['/dev/zero', /larger than 10 MiB$/],
    [desk.folder, /it is a folder$/],
  ];
  for (const [file, expected] of cases) assert.match(await desk.refused(1, 'show', file), expected);
});

test('show does not write control characters of a file to the terminal', async (t) => {
  const desk = await createFurnishedDesk(t);
  desk.put('odd', '-----BEGIN X\u001b[2J-----\nAAAA\n-----END X\u001b[2J-----\n');
  const { stdout, stderr } = await desk.pki('show', '@odd');
  assert.ok(!(stdout + stderr).includes('\u001b'));
});

test('bundle puts the roots of several files into one, each once, in order', async (t) => {
  const desk = await createFurnishedDesk(t);
  await desk.done('ca', '--key', '@server.key', '--common-name', 'Other CA', '--out', '@other.pem');
  desk.put('both.pem', desk.text('other.pem') + desk.text('ca.pem'));
  const { stderr } = await desk.pki('bundle', '@ca.pem', '@both.pem', '--out', '@roots.pem');
  assert.match(stderr, /^2 certificates in .*roots\.pem; 1 left out as repeated\n$/);
  assert.deepEqual(
    readCertificates(desk.text('roots.pem')).map(({ subject }) => subject.text),
    ['CN=Test CA', 'CN=Other CA'],
  );
  const list = await desk.done('bundle', '--list', '@roots.pem');
  assert.match(list, /^SUBJECT +AUTHORITY +EXPIRES/);
  assert.match(list, /^CN=Other CA +yes /m);
  assert.equal(JSON.parse(await desk.done('bundle', '--list', '@roots.pem', '--json')).length, 2);
});

test('bundle refuses a certificate that does not belong to an authority, unless --any is given', async (t) => {
  const desk = await createFurnishedDesk(t);
  const options = ['--ca', '@ca.pem', '--ca-key', '@ca.key', '--common-name', 'leaf'];
  await desk.done('sign', '@server.csr', ...options, '--out', '@leaf.pem');
  assert.equal(
    await desk.refused(1, 'bundle', '@ca.pem', '@leaf.pem', '--out', '@roots.pem'),
    'leaf.pem holds the certificate of CN=leaf, which is not an authority: leave it out, or give --any',
  );
  await desk.done('sign', '@server.csr', '--ca', '@ca.pem', '--ca-key', '@ca.key', '--out', '@site.pem');
  assert.match(
    await desk.refused(1, 'bundle', '@site.pem', '--out', '@roots.pem'),
    /^site\.pem holds the certificate of (?:DNS:|CN=)\S+, which is not an authority/,
  );
  await desk.done('bundle', '@ca.pem', '@leaf.pem', '--any', '--out', '@roots.pem');
  assert.match(await desk.refused(2, 'bundle', '@ca.pem'), /--out to write the bundle, or --list/);
  assert.match(await desk.refused(2, 'bundle', '--out', '@x'), /FILE|argument/);
});

// gatehouse cert renew: certificate and key match at every start, even if the process was killed at any
// moment.
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { createRequest, encodePrivateKey, generatePrivateKey, signerFromKey } from '@gatehouse/x509';
import { runApplication } from '../../../src/application.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { type FakeAuthority, startFakeAuthority } from '../../fake-authority.ts';
import { createFakeProcess, gatehouse } from '../../fake-process.ts';

test('replaces both files with a new pair for the same names, with the same modes', async (t) => {
  const { env, folder, pem, key, issued } = await desk(t);
  chmodSync(key, 0o640);
  const before = readFileSync(key, 'utf8');
  const { status, stdout, stderr } = await gatehouse(['cert', 'renew', pem, '--json'], { env });
  assert.equal(status, 0, stderr);
  const { serial, names, files } = JSON.parse(stdout);
  assert.deepEqual([serial, names, files], [issued[1]?.serial, ['a.example'], [pem, key]]);
  assertPair(folder, serial);
  assert.notEqual(readFileSync(key, 'utf8'), before);
  assert.equal(statSync(key).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(folder).sort(), ['a.example.key', 'a.example.pem']);
});

test('--same-key uses the key again, and --key-type makes another type of key', async (t) => {
  const { env, pem, key } = await desk(t);
  const before = readFileSync(key, 'utf8');
  assert.equal((await gatehouse(['cert', 'renew', pem, '--same-key'], { env })).status, 0);
  assert.equal(readFileSync(key, 'utf8'), before);
  assert.equal((await gatehouse(['cert', 'renew', pem, '--key-type', 'Ed25519'], { env })).status, 0);
  assert.equal(createPrivateKey(readFileSync(key)).asymmetricKeyType, 'ed25519');
  assert.equal((await gatehouse(['cert', 'renew', pem], { env })).status, 0);
  assert.equal(createPrivateKey(readFileSync(key)).asymmetricKeyType, 'ed25519');
});

test('an encrypted key stays encrypted with its passphrase', async (t) => {
  const { env, folder, pem, key } = await desk(t, ['--passphrase-file', 'passphrase']);
  const refused = await gatehouse(['cert', 'renew', pem], { env });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /a\.example\.key is encrypted: give --passphrase-file\n$/);
  const passphraseFile = join(folder, 'passphrase');
  const args = ['cert', 'renew', pem, '--passphrase-file', passphraseFile];
  assert.equal((await gatehouse(args, { env })).status, 0);
  assert.match(readFileSync(key, 'utf8'), /BEGIN ENCRYPTED PRIVATE KEY/);
  const [passphrase] = readFileSync(passphraseFile, 'utf8').split('\n');
  assert.ok(
    new X509Certificate(readFileSync(pem)).checkPrivateKey(
      createPrivateKey({ key: readFileSync(key), passphrase }),
    ),
  );
});

test('finishes an exchange that was killed after it had replaced the key', async (t) => {
  const { env, folder, pem, key } = await desk(t);
  const next = await renewed(t, { env, pem, key });
  writeFileSync(join(folder, '.a.example.pem.renewed'), next.pem);
  writeFileSync(key, next.key);
  const outcome = await gatehouse(['cert', 'renew', pem], { env });
  assert.equal(outcome.status, 0, outcome.stderr);
  assert.match(outcome.stderr, /^finished an earlier renewal of .*a\.example\.pem first\n/);
  assertPair(folder);
  assert.deepEqual(readdirSync(folder).sort(), ['a.example.key', 'a.example.pem']);
});

test('finishes an exchange that was killed before it had replaced a file', async (t) => {
  const { env, folder, pem, key, calls } = await desk(t);
  const next = await renewed(t, { env, pem, key });
  writeFileSync(join(folder, '.a.example.pem.renewed'), next.pem);
  writeFileSync(join(folder, '.a.example.key.renewed'), next.key);
  const outcome = await gatehouse(['cert', 'renew', pem], { env });
  assert.match(outcome.stderr, /^finished an earlier renewal/);
  assertPair(folder);
  const { serialNumber } = new X509Certificate(next.pem);
  assert.equal(calls.at(-1)?.path, `/admin/certificates/${serialNumber.toLowerCase()}/renew`);
});

test('removes the files of an exchange that was killed while it wrote them', async (t) => {
  const { env, folder, pem, key } = await desk(t);
  const next = await renewed(t, { env, pem, key });
  for (const [name, content] of [
    ['.a.example.key.renewed', next.key],
    ['.a.example.key.renewed', next.key.slice(0, 60)],
    ['.a.example.pem.renewed', next.pem.slice(0, 100)],
    ['.a.example.pem.renewed', ''],
  ] as const) {
    writeFileSync(join(folder, name), content);
    const outcome = await gatehouse(['cert', 'renew', pem], { env });
    assert.equal(outcome.status, 0, outcome.stderr);
    assertPair(folder);
    assert.deepEqual(readdirSync(folder).sort(), ['a.example.key', 'a.example.pem']);
  }
});

test('refuses a key that does not match the certificate, says what to do, and sends nothing', async (t) => {
  const { env, folder, pem, key, calls } = await desk(t);
  renameSync(key, join(folder, 'right.key'));
  writeFileSync(key, encodePrivateKey(generatePrivateKey('P-256')));
  const { status, stderr } = await gatehouse(['cert', 'renew', pem], { env });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /a\.example\.key is not the key of .*a\.example\.pem: name the right file with --key, or /,
  );
  assert.equal(calls.length, 1);
  assert.equal(
    (await gatehouse(['cert', 'renew', pem, '--key', join(folder, 'right.key')], { env })).status,
    0,
  );
});

test('leaves the pair as it was when the server refuses', async (t) => {
  const { env, folder, pem, key, issued } = await desk(t);
  const before = [readFileSync(pem), readFileSync(key)];
  issued.length = 0;
  const { status, stderr } = await gatehouse(['cert', 'renew', pem], { env });
  assert.equal(status, 1);
  assert.match(stderr, /^gatehouse: There is no certificate [0-9a-f]+\.\n$/);
  assert.deepEqual([readFileSync(pem), readFileSync(key)], before);
  assert.deepEqual(readdirSync(folder).sort(), ['a.example.key', 'a.example.pem']);
});

test('replaces the files that symbolic links point to, and not the links', async (t) => {
  const { env, folder, pem, key } = await desk(t);
  const links = join(folder, 'links');
  mkdirSync(links);
  symlinkSync(pem, join(links, 'web.pem'));
  symlinkSync(key, join(links, 'web.key'));
  assert.equal((await gatehouse(['cert', 'renew', join(links, 'web.pem')], { env })).status, 0);
  assertPair(folder);
  assert.deepEqual(readdirSync(links).sort(), ['web.key', 'web.pem']);
});

test('refuses to run beside another renewal of the same files, and revokes its new certificate', async (t) => {
  const { authority, env, folder, pem } = await desk(t);
  const staged = join(folder, '.a.example.key.renewed');
  authority.beforeAnswer = () => writeFileSync(staged, 'of the other one');
  const { status, stderr } = await gatehouse(['cert', 'renew', pem], { env });
  assert.equal(status, 1);
  assert.match(stderr, /another renewal of .*a\.example\.key is running: try again later; /);
  assert.match(stderr, /; the certificate [0-9a-f]{40} is therefore revoked\n$/);
  assert.deepEqual(
    authority.issued.map(({ status: state }) => state),
    ['valid', 'revoked'],
  );
  assert.equal(readFileSync(staged, 'utf8'), 'of the other one');
  assertPair(folder);
});

test('--exec runs after a renewal, without a shell, with the names of the files', async (t) => {
  const { env, folder, pem } = await desk(t);
  const script = join(folder, 'reload.sh');
  writeFileSync(script, '#!/bin/sh\necho "$1 $2"; echo "$RENEWED_CERTIFICATE" > "$0.done"\n', {
    mode: 0o755,
  });
  const { status, stdout, stderr } = await gatehouse(
    ['cert', 'renew', pem, '--json', '--exec', `${script} a  *`],
    { env },
  );
  assert.equal(status, 0, stderr);
  assert.equal(stderr, 'a *\n');
  assert.doesNotThrow(() => JSON.parse(stdout));
  assert.equal(readFileSync(`${script}.done`, 'utf8'), `${pem}\n`);
});

test('exits with 1 when --exec fails; refuses quotes and variables before a renewal', async (t) => {
  const { env, folder, pem, calls } = await desk(t);
  for (const command of ['sh -c "exit 1"', 'echo $HOME', 'a | b', ' ']) {
    assert.equal((await gatehouse(['cert', 'renew', pem, '--exec', command], { env })).status, 2);
  }
  assert.equal(calls.length, 1);
  for (const [command, reason] of [
    ['false', 'it ended with 1'],
    [join(folder, 'missing'), 'there is no such program'],
  ] as const) {
    const { status, stderr } = await gatehouse(['cert', 'renew', pem, '--exec', command], { env });
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`the certificate is renewed, but --exec .* failed: .*${reason}`));
    assertPair(folder);
  }
});

test('a serial number renews into new files, which --out must name', async (t) => {
  const { env, folder, issued } = await desk(t);
  const serial = issued[0]?.serial ?? '';
  assert.equal((await gatehouse(['cert', 'renew', serial], { env })).status, 2);
  const out = join(folder, 'b.pem');
  const { status, stderr } = await gatehouse(['cert', 'renew', serial, '--out', out], { env });
  assert.equal(status, 0, stderr);
  assert.ok(
    new X509Certificate(readFileSync(out)).checkPrivateKey(
      createPrivateKey(readFileSync(join(folder, 'b.key'))),
    ),
  );
  assert.equal((await gatehouse(['cert', 'renew', serial, '--out', out], { env })).status, 1);
});

test('--watch renews when it is due and ends on SIGTERM', async (t) => {
  const { env, folder, pem, issued } = await desk(t, ['--lifetime', '3s']);
  const process = createFakeProcess({ env });
  const running = runApplication(['cert', 'renew', pem, '--watch', '--json'], process);
  await until(() => issued.length >= 2 && !existsSync(join(folder, '.a.example.pem.renewed')));
  process.signal('SIGTERM');
  await running;
  assert.equal(process.exitCode, 0, process.written.stderr);
  assert.equal(JSON.parse(process.written.stdout.toString()).serial, issued[1]?.serial);
  assert.match(
    process.written.stderr,
    /^watching .*a\.example\.pem\n(next renewal \S+:\d\dZ \(in \d+ (?:s|h)\)\n){2}$/,
  );
  assertPair(folder, issued[1]?.serial);
});

test('--watch continues when its output cannot be written', async (t) => {
  const { env, pem } = await desk(t, ['--lifetime', '3s']);
  const process = createFakeProcess({ env, brokenOutput: 'ENOSPC' });
  const running = runApplication(['cert', 'renew', pem, '--watch'], process);
  // Waits for the renewal that follows the one it could not report.
  await until(() => process.written.stderr.match(/next renewal/g)?.length === 2);
  process.signal('SIGTERM');
  await running;
  assert.equal(process.exitCode, 1);
  assert.match(process.written.stderr, /gatehouse: cannot write to standard output: the disk is full\n$/);
});

test('with --server and no token the certificate itself is the credential (mutual TLS)', async (t) => {
  const authority = await desk(t);
  const { folder, pem } = authority;
  const { url, presented } = await serveRenewals(t, authority);
  writeFileSync(join(folder, 'roots.pem'), authority.root);
  const args = ['cert', 'renew', pem, '--server', url, '--cacert', join(folder, 'roots.pem')];
  const before = new X509Certificate(readFileSync(pem)).serialNumber;
  const { status, stderr } = await gatehouse(args, { env: authority.env });
  assert.equal(status, 0, stderr);
  assert.deepEqual(presented, [before]);
  assertPair(folder, authority.issued.at(-1)?.serial);
  assert.equal(authority.calls.length, 1);
  const plain = await gatehouse(['cert', 'renew', pem, '--server', 'http://localhost:1'], {
    env: authority.env,
  });
  assert.equal(plain.status, 2);
});

test('exits with 7 when the server does not accept the certificate', async (t) => {
  const authority = await desk(t);
  const { url } = await serveRenewals(t, authority, { refuse: true });
  writeFileSync(join(authority.folder, 'roots.pem'), authority.root);
  const args = [
    'cert',
    'renew',
    authority.pem,
    '--server',
    url,
    '--cacert',
    join(authority.folder, 'roots.pem'),
  ];
  const { status, stderr } = await gatehouse(args, { env: authority.env });
  assert.deepEqual([status, stderr], [7, 'gatehouse: This certificate was revoked.\n']);
});

interface Desk extends FakeAuthority {
  authority: FakeAuthority;
  folder: string;
  pem: string;
  key: string;
}

/** An authority, and a pair that it issued, in a folder. */
async function desk(t: TestContext, options: readonly string[] = []): Promise<Desk> {
  const authority = await startFakeAuthority(t);
  const folder = temporaryFolder(t);
  const rest = options.map((option) => (option === 'passphrase' ? join(folder, option) : option));
  if (options.includes('passphrase'))
    writeFileSync(join(folder, 'passphrase'), 'correct horse\n', { mode: 0o600 });
  const { status, stderr } = await gatehouse(
    ['cert', 'issue', 'a.example', '--out', folder, ...rest],
    authority,
  );
  assert.equal(status, 0, stderr);
  return {
    ...authority,
    authority,
    folder,
    pem: join(folder, 'a.example.pem'),
    key: join(folder, 'a.example.key'),
  };
}

/** The new pair of a renewal. */
async function renewed(t: TestContext, { env, pem, key }: Pick<Desk, 'env' | 'pem' | 'key'>) {
  const folder = temporaryFolder(t);
  const [copy, copyKey] = [join(folder, 'c.pem'), join(folder, 'c.key')];
  writeFileSync(copy, readFileSync(pem));
  writeFileSync(copyKey, readFileSync(key));
  assert.equal((await gatehouse(['cert', 'renew', copy], { env })).status, 0);
  return { pem: readFileSync(copy, 'utf8'), key: readFileSync(copyKey, 'utf8') };
}

function assertPair(folder: string, serial?: string): void {
  const certificate = new X509Certificate(readFileSync(join(folder, 'a.example.pem')));
  const key = createPrivateKey(readFileSync(join(folder, 'a.example.key')));
  assert.ok(certificate.checkPrivateKey(key), 'certificate and key are not a pair');
  if (serial !== undefined) assert.equal(certificate.serialNumber.toLowerCase(), serial);
}

/** A control plane that renews over mutual TLS. */
async function serveRenewals(t: TestContext, authority: Desk, { refuse = false } = {}) {
  const presented: string[] = [];
  const key = generatePrivateKey('P-256');
  const names = [{ type: 'dNSName', value: 'localhost' }] as const;
  const request = createRequest({ subject: {}, subjectAltNames: names }, signerFromKey(key)).pem;
  const { chain } = authority.issue({ request, names: ['localhost'] });
  const options = { key: encodePrivateKey(key), cert: chain, ca: authority.root, requestCert: true };
  const server = createServer(options, async (incoming, response) => {
    const socket = incoming.socket as TLSSocket;
    assert.equal(socket.authorized, true);
    presented.push(socket.getPeerCertificate().serialNumber);
    const order = JSON.parse(await text(incoming));
    if (refuse) {
      response.writeHead(401).end(JSON.stringify({ detail: 'This certificate was revoked.' }));
      return;
    }
    response.writeHead(201).end(JSON.stringify(authority.issue({ ...order, names: ['a.example'] })));
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, presented };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(condition());
}

// gatehouse ca fetch: a second machine gets only the root that it expects.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCertificate } from '@gatehouse/x509';
import { fingerprintOf } from '../../../src/commands/ca/fingerprint-forms.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { makeRoot, startFakeAuthority } from '../../fake-authority.ts';
import { gatehouse } from '../../fake-process.ts';

const [root, other] = [makeRoot(), makeRoot('Other Root')];
const expected = fingerprintOf(readCertificate(root));

test('writes the root that matches a pin, the digits, the QR code or the SHA-256, in each printed form', async (t) => {
  const base = await serveRoots(t, other + root);
  const options = [
    ['--pin', expected.pin],
    ['--pin', expected.pin.replace('sha256/', 'sha256//')],
    ['--pin', expected.uri],
    ['--fingerprint', expected.digits],
    ['--fingerprint', expected.digits.replaceAll(' ', '-')],
    ['--fingerprint', expected.sha256],
    ['--fingerprint', `SHA-256 ${expected.sha256.toLowerCase()}`],
  ];
  for (const option of options) {
    const out = join(temporaryFolder(t), 'root.pem');
    const { status, stdout, stderr } = await gatehouse(['ca', 'fetch', base, ...option, '--out', out]);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `CN=Test Root, ${expected.pin}\n`);
    assert.match(
      stderr,
      /; left out 1 \(no pin or fingerprint matches\)\. Trust it with: gatehouse ca trust .*root\.pem\n$/,
    );
    assert.equal(readFileSync(out, 'utf8'), root);
  }
});

test('writes several roots for several pins, and --json lists them', async (t) => {
  const base = await serveRoots(t, root + other);
  const out = join(temporaryFolder(t), 'root.pem');
  const { pin } = fingerprintOf(readCertificate(other));
  const args = ['ca', 'fetch', `${base}/roots.pem`, '--pin', expected.pin, '--pin', pin, '--out', out];
  const { stdout, stderr } = await gatehouse([...args, '--json']);
  assert.equal(stderr, '');
  const { file, roots } = JSON.parse(stdout);
  assert.deepEqual([file, roots[0], roots.length], [out, expected, 2]);
  assert.equal(readFileSync(out, 'utf8'), root + other);
});

test('exits with 6 and writes nothing unless a root matches each pin', async (t) => {
  const base = await serveRoots(t, other);
  const out = join(temporaryFolder(t), 'root.pem');
  const { pin } = fingerprintOf(readCertificate(other));
  for (const pins of [[expected.pin], [expected.pin, pin]]) {
    const options = pins.flatMap((each) => ['--pin', each]);
    const { status, stderr } = await gatehouse(['ca', 'fetch', base, ...options, '--out', out]);
    assert.equal(status, 6);
    assert.match(
      stderr,
      /^gatehouse: no root at \S+\/roots\.pem matches: the pins there are .*; nothing was written\n$/,
    );
  }
  assert.equal(existsSync(out), false);
});

test('does not accept a leaf as a root, even if its key has the pin', async (t) => {
  const authority = await startFakeAuthority(t);
  await gatehouse(['cert', 'issue', 'localhost', '--out', authority.folder], { env: authority.env });
  const leaf = authority.issued[0]?.certificate ?? '';
  const base = await serveRoots(t, leaf + root);
  const { pin } = fingerprintOf(readCertificate(leaf));
  const out = join(authority.folder, 'root.pem');
  assert.equal((await gatehouse(['ca', 'fetch', base, '--pin', pin, '--out', out])).status, 6);
});

test('sends no request without a whole pin, for --all over http://, or for an existing file', async (t) => {
  let requests = 0;
  const base = await serve(t, (_request, response) => {
    requests += 1;
    response.end(root);
  });
  const out = join(temporaryFolder(t), 'root.pem');
  const commands = [
    [],
    ['--pin', expected.pin.slice(0, -4)],
    ['--pin', expected.spkiSha256.slice(0, 20)],
    ['--fingerprint', expected.digits.slice(0, 23)],
    ['--fingerprint', expected.sha256.slice(0, 40)],
    ['--pin', expected.pin, '--all'],
  ];
  for (const options of commands) {
    const { status, stderr } = await gatehouse(['ca', 'fetch', base, ...options, '--out', out]);
    assert.equal(status, 2, stderr);
  }
  assert.equal((await gatehouse(['ca', 'fetch', 'localhost:9080', '--pin', expected.pin])).status, 2);
  writeFileSync(out, 'mine');
  assert.equal((await gatehouse(['ca', 'fetch', base, '--pin', expected.pin, '--out', out])).status, 1);
  assert.equal(requests, 0);
  assert.equal(
    (await gatehouse(['ca', 'fetch', base, '--pin', expected.pin, '--out', out, '--force'])).status,
    0,
  );
  assert.equal(readFileSync(out, 'utf8'), root);
});

test('refuses other answers: a status, a redirection, no certificates, more than a mebibyte', async (t) => {
  const answers: [RequestListener, RegExp][] = [
    [(_, response) => response.writeHead(404).end(root), /status 404/],
    [(_, response) => response.writeHead(302, { location: '/x' }).end(), /status 302/],
    [(_, response) => response.end('hello'), /no certificates/],
    [(_, response) => response.end(Buffer.alloc(1024 * 1024 + 1, 'a')), /more than 1 MiB/],
  ];
  const out = join(temporaryFolder(t), 'root.pem');
  for (const [listener, reason] of answers) {
    const base = await serve(t, listener);
    const { status, stderr } = await gatehouse(['ca', 'fetch', base, '--pin', expected.pin, '--out', out]);
    assert.equal(status, 1);
    assert.match(stderr, reason);
  }
  assert.equal(existsSync(out), false);
});

function serveRoots(t: TestContext, pem: string): Promise<string> {
  return serve(t, (request, response) => {
    response.writeHead(request.url === '/roots.pem' ? 200 : 404).end(pem);
  });
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

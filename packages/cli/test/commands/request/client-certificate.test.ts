// gatehouse request --cert: sends the certificates of `cert issue` to servers that ask for one.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { createRequest, encodePrivateKey, generatePrivateKey, signerFromKey } from '@gatehouse/x509';
import { type FakeAuthority, startFakeAuthority } from '../../fake-authority.ts';
import { gatehouse } from '../../fake-process.ts';

test('sends a certificate of cert issue with the key beside it or a named key, encrypted or not', async (t) => {
  const { url, run, path, cacert } = await setUp(t);
  await run('cert', 'issue', 'robot', '--profile', 'client', '--out', path(''));
  writeFileSync(path('passphrase'), 'secret', { mode: 0o600 });
  const encrypted = ['--passphrase-file', path('passphrase'), '--out', path('')];
  await run('cert', 'issue', 'other', '--profile', 'client', ...encrypted);
  for (const [name, options] of [
    ['robot', []],
    ['robot', ['--cert-key', path('robot.key')]],
    ['other', ['--cert-passphrase-file', path('passphrase')]],
  ] as const) {
    const args = ['request', url, '--cert', path(`${name}.pem`), ...options, ...cacert];
    const { status, stdout, stderr } = await gatehouse(args);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `URI:urn:gatehouse:service:${name}`);
  }
});

test('exits with 7 if the handshake requires a certificate, and with --check also for a 401 to a certificate', async (t) => {
  const { url, run, path, cacert } = await setUp(t);
  await run('cert', 'issue', 'stranger', '--profile', 'client', '--out', path(''));
  const stranger = ['request', url, '--cert', path('stranger.pem'), ...cacert];
  assert.equal((await gatehouse(stranger)).status, 0);
  assert.equal((await gatehouse([...stranger, '--check'])).status, 7);
  const none = await gatehouse(['request', url, ...cacert]);
  assert.equal(none.status, 7);
  assert.match(none.stderr, /requires a client certificate/);
});

test('exits with 7 when the server closes the connection because of the certificate', async (t) => {
  const { url, cacert } = await setUp(t);
  const foreign = await startFakeAuthority(t);
  const issue = ['cert', 'issue', 'robot', '--profile', 'client', '--out', foreign.folder];
  assert.equal((await gatehouse(issue, { env: foreign.env })).status, 0);
  const shown = ['--cert', join(foreign.folder, 'robot.pem')];
  const { status, stderr } = await gatehouse(['request', url, ...shown, ...cacert]);
  assert.equal(status, 7);
  assert.match(stderr, /^gatehouse: .* probably does not accept: check that .* the server's log\n$/);
});

test('refuses the key of another certificate, a key without a certificate, and plain HTTP', async (t) => {
  const { url, run, path, cacert } = await setUp(t);
  await run('cert', 'issue', 'robot', '--profile', 'client', '--out', path(''));
  writeFileSync(path('other.key'), encodePrivateKey(generatePrivateKey('P-256')), { mode: 0o600 });
  const cert = ['--cert', path('robot.pem')];
  const mismatch = await gatehouse(['request', url, ...cert, '--cert-key', path('other.key'), ...cacert]);
  assert.equal(mismatch.status, 7);
  assert.match(mismatch.stderr, /other\.key is not the private key of .*robot\.pem/);
  assert.equal((await gatehouse(['request', url, '--cert-key', path('robot.key'), ...cacert])).status, 2);
  const plain = await gatehouse(['request', url.replace('https', 'http'), ...cert, ...cacert]);
  assert.equal(plain.status, 2);
  const missing = await gatehouse(['request', url, '--cert', path('none.pem'), ...cacert]);
  assert.match(missing.stderr, /cannot read .*none\.pem: there is no such file/);
});

/**
 * A server that requires a certificate of the authority, answers with its name, and refuses the user
 * `stranger`.
 */
async function setUp(t: TestContext) {
  const authority = await startFakeAuthority(t);
  const server = createServer(serverOptions(authority), ({ socket }, response) => {
    const name = (socket as TLSSocket).getPeerCertificate().subjectaltname ?? '';
    response.writeHead(name.endsWith('stranger') ? 401 : 200).end(name);
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const path = (name: string) => join(authority.folder, name);
  writeFileSync(path('root.pem'), authority.root);
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    path,
    cacert: ['--cacert', path('root.pem')],
    async run(...args: string[]) {
      const { status, stderr } = await gatehouse(args, { env: authority.env });
      assert.equal(status, 0, stderr);
    },
  };
}

function serverOptions(authority: FakeAuthority) {
  const key = generatePrivateKey('P-256');
  const { pem } = createRequest(
    { subject: {}, subjectAltNames: [{ type: 'dNSName', value: 'localhost' }] },
    signerFromKey(key),
  );
  const { chain } = authority.issue({ request: pem });
  const required = { ca: authority.root, requestCert: true, rejectUnauthorized: true };
  return { key: encodePrivateKey(key), cert: chain, ...required };
}

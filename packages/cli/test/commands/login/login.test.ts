// gatehouse login: it writes only the token to standard output or a file, and sends the password over HTTPS
// only.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { createAuthority, hasOpenssl, needsOpenssl } from '../../../../client/test/certificates.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const PASSWORD = 'correct horse';
const answer = { access_token: 'eyJ.a.b', token_type: 'Bearer', expires_in: 900 };
const skip = hasOpenssl() ? false : needsOpenssl;

test('login prints only the token, or the answer of the server with --json', { skip }, async (t) => {
  const { folder, signIn } = await startControl(t);
  const expected = { status: 0, stdout: 'eyJ.a.b\n', stderr: '' };
  assert.deepEqual(await signIn('--data', folder), expected);
  assert.deepEqual(JSON.parse((await signIn('--data', folder, '--json')).stdout), answer);
});

test('login reaches --server with the roots of --cacert', { skip }, async (t) => {
  const { base, rootFile, signIn } = await startControl(t);
  assert.equal((await signIn('--server', base, '--cacert', rootFile)).stdout, 'eyJ.a.b\n');
  assert.equal((await signIn('--server', base, '--data', temporaryFolder(t))).status, 5);
});

test('login --out writes the token to a file of mode 0600 and does not overwrite one', {
  skip,
}, async (t) => {
  const { folder, requests, signIn } = await startControl(t);
  const out = join(folder, 'alice.token');
  const first = await signIn('--data', folder, '--out', out);
  assert.deepEqual([first.status, first.stdout], [0, '']);
  assert.equal(readFileSync(out, 'utf8'), 'eyJ.a.b\n');
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const second = await signIn('--data', folder, '--out', out);
  assert.equal(second.status, 1);
  assert.match(second.stderr, /it already exists, and this command does not overwrite it/);
  assert.equal(requests(), 1);
  const other = join(folder, 'other.token');
  const { stdout } = await signIn('--data', folder, '--json', '--out', other);
  assert.deepEqual(JSON.parse(stdout), { token_type: 'Bearer', expires_in: 900, file: other });
});

test('login exits with 1 and the reason of the server for a wrong password, and leaves no file', {
  skip,
}, async (t) => {
  const { folder } = await startControl(t);
  const out = join(folder, 'alice.token');
  const args = ['login', 'alice', '--password-stdin', '--data', folder, '--out', out];
  const stderr = 'gatehouse: The user name or the password is wrong.\n';
  assert.deepEqual(await gatehouse(args, { stdin: 'hunter2' }), { status: 1, stdout: '', stderr });
  assert.equal(existsSync(out), false);
});

test('login refuses to send a password over plain HTTP, and needs a terminal or --password-stdin', async (t) => {
  const args = ['login', 'alice', '--server', 'http://localhost:1', '--data', temporaryFolder(t)];
  const plain = await gatehouse([...args, '--password-stdin'], { stdin: PASSWORD });
  assert.equal(plain.status, 2);
  assert.match(plain.stderr, /--server should begin with https:\/\//);
  assert.match((await gatehouse(args)).stderr, /give --password-stdin/);
});

test('login opens no page without TLS if a server sends the browser to this machine', {
  skip,
}, async (t) => {
  const { base, rootFile } = await startControl(t);
  const args = ['login', '--server', base, '--cacert', rootFile, '--client', 'cli'];
  const { status, stderr } = await gatehouse(args, { env: { XDG_CONFIG_HOME: temporaryFolder(t) } });
  assert.equal(status, 1);
  assert.equal(
    stderr,
    'gatehouse: the server has no page of https to sign in at: check --server, and see its log\n',
  );
});

test('login sends the code from a file if the server requires a second factor', { skip }, async (t) => {
  const { folder } = await startControl(t);
  const codes = join(temporaryFolder(t), 'code');
  writeFileSync(codes, '123456\n', { mode: 0o600 });
  const args = ['login', 'carol', '--password-stdin', '--data', folder];
  const proved = await gatehouse([...args, '--code-file', codes], { stdin: PASSWORD });
  assert.equal(proved.stdout, `${answer.access_token}\n`);
  const without = await gatehouse(args, { stdin: PASSWORD });
  assert.equal(without.status, 1);
  assert.match(without.stderr, /second factor: give --code-file/);
  writeFileSync(codes, '000000\n');
  const wrong = await gatehouse([...args, '--code-file', codes], { stdin: PASSWORD });
  assert.match(wrong.stderr, /The code is wrong/);
});

/**
 * A control plane with two users, alice and carol, who has a second factor, and the data folder that leads to
 * it.
 */
async function startControl(t: TestContext) {
  const metadata = { issuer: '', authorization_endpoint: 'http://127.0.0.1:9/', token_endpoint: '' };
  const authority = createAuthority();
  t.after(() => authority.remove());
  let count = 0;
  const certificate = authority.issue('x', { alternativeNames: 'DNS:localhost' });
  const server = createServer(certificate, async (request, response) => {
    count += 1;
    if (request.url === '/.well-known/oauth-authorization-server') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(metadata));
      return;
    }
    const { username, password, mfa_token, code } = (await json(request)) as Record<string, string>;
    if (username === 'carol') {
      const demand = { status: 401, code: 'mfa_required', detail: 'Send a code.', mfa_token: 'pending' };
      response.writeHead(401).end(JSON.stringify(demand));
      return;
    }
    if (request.url === '/auth/mfa') {
      const isRight = mfa_token === 'pending' && code === '123456';
      const wrong = { status: 401, code: 'credential_invalid', detail: 'The code is wrong.' };
      response.writeHead(isRight ? 200 : 401).end(JSON.stringify(isRight ? answer : wrong));
      return;
    }
    const known = request.url === '/auth/login' && username === 'alice' && password === PASSWORD;
    const problem = { status: 401, detail: 'The user name or the password is wrong.' };
    response.writeHead(known ? 200 : 401).end(JSON.stringify(known ? answer : problem));
  });
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const base = `https://localhost:${(server.address() as AddressInfo).port}`;
  Object.assign(metadata, { issuer: base, token_endpoint: `${base}/token` });
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'control.json'), JSON.stringify({ control: base }));
  writeFileSync(join(folder, 'root.pem'), authority.root);
  const signIn = (...options: string[]) =>
    gatehouse(['login', 'alice', '--password-stdin', ...options], { stdin: PASSWORD });
  return { base, folder, rootFile: authority.rootFile, requests: () => count, signIn };
}

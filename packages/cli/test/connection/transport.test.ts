// Reaching the server, and the messages if that fails.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { createAuthority, hasOpenssl, needsOpenssl } from '../../../client/test/certificates.ts';
import { startFakeAdmin, temporaryFolder } from '../fake-admin.ts';
import { gatehouse } from '../fake-process.ts';

test('exits with 3 and says how to start a Gatehouse when none runs', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'gatehouse.db'), '');
  const expected = {
    status: 3,
    stdout: '',
    stderr: `gatehouse: no Gatehouse is running on data folder ${folder}: start one with 'gatehouse up --data ${folder}'\n`,
  };
  assert.deepEqual(await gatehouse(['status', '--data', folder]), expected);
  writeFileSync(join(folder, 'control.json'), JSON.stringify({ socket: join(folder, 'left-behind.sock') }));
  assert.deepEqual(await gatehouse(['status', '--data', folder]), expected);
});

test('exits with 3 for a folder of something else, and does not suggest to start a server in it', async (t) => {
  const folder = temporaryFolder(t);
  assert.deepEqual(await gatehouse(['status', '--data', folder]), {
    status: 3,
    stdout: '',
    stderr: `gatehouse: ${folder} is not a data folder of Gatehouse: name the right one with --data, or start a new one with 'gatehouse up'\n`,
  });
});

test('exits with 3 and names the absolute path when there is no data folder', async (t) => {
  const folder = join(temporaryFolder(t), 'missing');
  const expected = {
    status: 3,
    stdout: '',
    stderr: `gatehouse: there is no data folder ${folder}: name the right one with --data, or start a new one with 'gatehouse up'\n`,
  };
  assert.deepEqual(await gatehouse(['status', '--data', folder]), expected);
  assert.deepEqual(await gatehouse(['status', '--data', relative('.', folder)]), expected);
});

test('refuses an API key as the token of --server', async (t) => {
  const tokenFile = join(temporaryFolder(t), 'token');
  writeFileSync(tokenFile, 'ghk_k_hunter2_c', { mode: 0o600 });
  const args = ['status', '--server', 'https://127.0.0.1:1', '--token-file', tokenFile];
  const { status, stderr } = await gatehouse(args);
  assert.equal(status, 2);
  assert.match(stderr, /holds an API key and no token: get one with 'gatehouse login NAME --out FILE'\n$/);
  assert.doesNotMatch(stderr, /hunter2/);
});

test('prefers --data to GATEHOUSE_DATA', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/users': { body: [] } });
  const outcome = await gatehouse(['user', 'list', '--json', '--data', admin.folder], {
    env: { GATEHOUSE_DATA: '/nonexistent' },
  });
  assert.equal(outcome.stdout, '[]\n');
});

test('exits with 1 and one line when control.json is damaged', async (t) => {
  const folder = temporaryFolder(t);
  for (const content of ['not JSON', '{}', 'null']) {
    writeFileSync(join(folder, 'control.json'), content);
    const { status, stderr } = await gatehouse(['status', '--data', folder]);
    assert.equal(status, 1);
    assert.match(stderr, /^gatehouse: cannot read .*control\.json: its content cannot be read\n$/);
  }
});

test("points to the server's log for a 5xx, which never gives its cause", async (t) => {
  const problem = { status: 500, title: 'Internal error', code: 'internal', request_id: 'r-42' };
  const admin = await startFakeAdmin(t, { 'GET /admin/status': { status: 500, body: problem } });
  const { status, stderr } = await gatehouse(['status'], { env: admin.env });
  assert.equal(status, 1);
  assert.equal(stderr, "gatehouse: Internal error: see request r-42 in the server's log\n");
});

test('says what to do about a full disk', async (t) => {
  const problem = { status: 503, title: 'Storage is full', code: 'store_full', request_id: 'r-42' };
  const admin = await startFakeAdmin(t, { 'GET /admin/status': { status: 503, body: problem } });
  const { status, stderr } = await gatehouse(['status'], { env: admin.env });
  assert.equal(status, 1);
  assert.equal(stderr, "gatehouse: the server's disk is full: free space on it, then try again\n");
});

test('reports an answer that is not from a Gatehouse', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/status': { body: '<html>' },
    'GET /admin/users': { status: 502, body: '<html>' },
  });
  assert.match(
    (await gatehouse(['status'], { env: admin.env })).stderr,
    /not JSON: is that the control address/,
  );
  assert.match((await gatehouse(['user', 'list'], { env: admin.env })).stderr, /answered with status 502/);
});

test('refuses an answer that is not UTF-8', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/status': { body: Buffer.from('{"version":"\xe4"}', 'latin1') },
  });
  const { status, stdout, stderr } = await gatehouse(['status'], { env: admin.env });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^gatehouse: the answer is not JSON/);
});

test('refuses --server without a token, a token without --server, and a token over plain HTTP', async (t) => {
  const tokenFile = join(temporaryFolder(t), 'token');
  writeFileSync(tokenFile, 'secret-token', { mode: 0o600 });
  assert.equal((await gatehouse(['status', '--server', 'https://localhost'])).status, 2);
  assert.equal((await gatehouse(['status', '--token-file', tokenFile])).status, 2);
  assert.equal((await gatehouse(['status', '--server', 'nonsense', '--token-file', tokenFile])).status, 2);
  const plain = await gatehouse(['status', '--server', 'http://example.com', '--token-file', tokenFile]);
  assert.equal(plain.status, 1);
  assert.match(plain.stderr, /refused to send a credential over plain HTTP to example\.com: use https/);
  assert.doesNotMatch(plain.stderr, /secret-token/);
});

test('reaches --server with the token and the root of the data folder', async (t) => {
  if (!hasOpenssl()) return t.skip(needsOpenssl);
  const authority = createAuthority();
  t.after(() => authority.remove());
  const server = createServer(
    authority.issue('x', { alternativeNames: 'DNS:localhost' }),
    (request, response) => {
      response.end(JSON.stringify([{ name: request.headers.authorization, roles: [] }]));
    },
  );
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'token'), 'abc', { mode: 0o600 });
  const base = `https://localhost:${(server.address() as AddressInfo).port}`;
  const args = [
    'user',
    'list',
    '--json',
    '--server',
    base,
    '--token-file',
    join(folder, 'token'),
    '--data',
    folder,
  ];
  assert.equal((await gatehouse(args)).status, 5);
  assert.equal((await gatehouse([...args, '--cacert', authority.rootFile])).status, 0);
  writeFileSync(join(folder, 'root.pem'), authority.root);
  assert.deepEqual(JSON.parse((await gatehouse(args)).stdout), [{ name: 'Bearer abc', roles: [] }]);
});

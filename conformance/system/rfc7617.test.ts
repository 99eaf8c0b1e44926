// Basic (RFC 7617) at the gateway and at the control listener, with curl and Python's requests.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ask } from '../support/https-client.ts';
import { without, withoutPython } from '../support/programs.ts';
import { startServer } from '../support/server-under-test.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const upstream = await startRecordingUpstream();
const routes = [
  { path: '/basic/*', accept: ['basic'], allow: { roles: ['user'] } },
  { path: '/public/*', access: 'public' },
  { path: '/*' },
];
const server = await startServer({
  upstream: upstream.origin,
  set: [`gateway.routes=${JSON.stringify(routes)}`, 'control.accept=bearer,apiKey,basic'],
});
const robot = await server.createKey(['user']);
const root = join(server.data, 'root.pem');
after(() => Promise.all([server.stop(), upstream.close()]));

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const get = (path: string, headers: Record<string, string> = {}) => ask({ ...server, path, headers });
const url = (path: string) => `https://localhost:${server.port}${path}`;

function run(program: string, args: readonly string[]): Promise<{ status: number | null; stdout: string }> {
  // A user's own settings must not choose other roots.
  const { REQUESTS_CA_BUNDLE: _, CURL_CA_BUNDLE: _other, ...env } = process.env;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 });
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout })));
}

describe('Basic with an API key as the password', { concurrency: true }, () => {
  it('is accepted with the service or the id of the key as the user, and is not forwarded', async () => {
    for (const [marker, user] of [
      ['by-name', robot.name],
      ['by-id', robot.id],
    ] as const) {
      const answer = await get(`/basic/${marker}`, { authorization: basic(user, robot.key) });
      assert.equal(answer.status, 200);
      const [request] = upstream.saw(marker);
      assert.equal(request?.headers.authorization, undefined);
      const [, payload = ''] = String(request?.headers['gatehouse-assertion']).split('.');
      const { sub, amr } = JSON.parse(Buffer.from(payload, 'base64url').toString());
      assert.deepEqual([sub, amr], [robot.name, ['swk']]);
    }
  });

  it('an app password is accepted for its person, until it is replaced, and is not forwarded', async () => {
    const user = await server.createUser(['user']);
    const path = `/admin/users/${user.name}/digest-password`;
    const { password } = await server.admin('POST', path);
    const authorization = basic(user.name, String(password));
    assert.equal((await get('/basic/app', { authorization })).status, 200);
    const [request] = upstream.saw('/basic/app');
    assert.equal(request?.headers.authorization, undefined);
    const [, payload = ''] = String(request?.headers['gatehouse-assertion']).split('.');
    const { sub, amr } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    assert.deepEqual([sub, amr], [user.name, ['pwd']]);
    await get('/public/app', { authorization });
    assert.equal(upstream.saw('/public/app')[0]?.headers.authorization, undefined);
    await server.admin('POST', path);
    assert.equal((await get('/basic/app', { authorization })).status, 401);
  });

  it('without a credential, the challenge asks for UTF-8 (§2.1)', async () => {
    const { status, headers } = await get('/basic/x');
    assert.equal(status, 401);
    assert.equal(headers['www-authenticate'], 'Basic realm="gatehouse", charset="UTF-8"');
  });

  it('refuses another user, another key, a person’s password, and text that is not Basic', async () => {
    const user = await server.createUser(['user']);
    for (const authorization of [
      basic('other', robot.key),
      basic(robot.name, `${robot.key.slice(0, -1)}!`),
      basic(user.name, user.password),
      'Basic',
      'Basic !',
      `Basic ${Buffer.from([0xff, 0x3a]).toString('base64')}`,
    ]) {
      assert.equal((await get('/basic/refused', { authorization })).status, 401, authorization);
    }
    assert.deepEqual(upstream.saw('refused'), []);
  });

  it('a route that does not name Basic refuses it, also by default', async () => {
    const answer = await get('/other', { authorization: basic(robot.name, robot.key) });
    assert.deepEqual([answer.status, answer.json().code], [401, 'credential_invalid']);
    assert.doesNotMatch(String(answer.headers['www-authenticate']), /Basic/);
  });

  it('a key that was revoked is refused at once', async () => {
    const key = await server.createKey(['user']);
    const authorization = basic(key.name, key.key);
    assert.equal((await get('/basic/x', { authorization })).status, 200);
    await server.admin('DELETE', `/admin/keys/${key.id}`);
    assert.equal((await get('/basic/x', { authorization })).status, 401);
  });

  it('on a public route, our key does not reach the upstream, and credentials for the upstream do', async () => {
    const foreign = basic('alice', 'for the upstream');
    await get('/public/foreign', { authorization: foreign });
    assert.equal(upstream.saw('foreign')[0]?.headers.authorization, foreign);
    await get('/public/own', { authorization: basic('anyone', robot.key) });
    assert.equal(upstream.saw('own')[0]?.headers.authorization, undefined);
  });

  it('opens the admin API if control.accept has it', async () => {
    const admin = await server.createKey(['admin']);
    const list = (authorization: string) =>
      ask({ port: server.controlPort, ca: server.ca, path: '/admin/keys', headers: { authorization } });
    assert.equal((await list(basic(admin.name, admin.key))).status, 200);
    assert.equal((await list(basic(robot.name, robot.key))).status, 403);
    assert.equal((await list(basic('x', admin.key))).status, 401);
  });

  it('curl --user signs in', { skip: without('curl') }, async () => {
    const config = join(server.data, 'curl.conf');
    writeFileSync(config, `user = "${robot.name}:${robot.key}"\n`, { mode: 0o600 });
    const args = ['--silent', '--fail', '--cacert', root, '--config', config, url('/basic/curl')];
    assert.deepEqual(await run('curl', args), { status: 0, stdout: 'reached GET /basic/curl' });
  });

  it('Python’s requests signs in', { skip: withoutPython(['requests'], 'python3-requests') }, async () => {
    const script = `import requests, sys
url, ca, user, key = sys.argv[1:]
print(requests.get(url, auth=(user, open(key).read()), verify=ca).status_code)`;
    const file = join(server.data, 'robot.key');
    writeFileSync(file, robot.key, { mode: 0o600 });
    const { stdout } = await run('python3', ['-c', script, url('/basic/requests'), root, robot.name, file]);
    assert.equal(stdout, '200\n');
  });
});

// Digest (RFC 7616) at the gateway, whose processes share a port, and at the control listener; with curl and
// Python's requests. Each count of a nonce is accepted once, in all processes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { DigestAnswer } from '../support/digest-client.ts';
import { digestAuthorization, digestChallenges } from '../support/digest-client.ts';
import { ask } from '../support/https-client.ts';
import { without, withoutPython } from '../support/programs.ts';
import { startServer } from '../support/server-under-test.ts';
import { onTransport, TRANSPORTS, type TransportName } from '../support/transports.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const upstream = await startRecordingUpstream();
after(() => upstream.close());
const routes = [
  { path: '/digest/*', accept: ['digest'] },
  { path: '/public/*', access: 'public' },
  { path: '/*' },
];
const SETTINGS = [
  `gateway.routes=${JSON.stringify(routes)}`,
  'gateway.workers=3',
  'control.accept=bearer,apiKey,digest',
];

function run(program: string, args: readonly string[]): Promise<{ status: number | null; stdout: string }> {
  // A user's own settings must not choose other roots.
  const { REQUESTS_CA_BUNDLE: _, CURL_CA_BUNDLE: _other, ...env } = process.env;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 });
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout })));
}

async function startWorld(transport: TransportName) {
  const server = await startServer({
    upstream: upstream.origin,
    set: [...SETTINGS, ...onTransport(transport)],
  });
  const { name: username } = await server.createUser(['user']);
  const makePassword = async (name = username) =>
    String((await server.admin('POST', `/admin/users/${name}/digest-password`)).password);
  const password = await makePassword();
  return { transport, server, username, makePassword, password };
}

const worlds = await Promise.all(TRANSPORTS.map(startWorld));
after(() => Promise.all(worlds.map(({ server }) => server.stop())));

for (const { transport, server, username, makePassword, password } of worlds) {
  const root = join(server.data, 'root.pem');
  const url = (path: string) => `https://localhost:${server.port}${path}`;
  const passwordFile = join(server.data, 'digest-password');
  writeFileSync(passwordFile, password, { mode: 0o600 });

  const get = (path: string, authorization?: string, agent?: Agent) =>
    ask({ ...server, path, ...(authorization && { headers: { authorization } }), ...(agent && { agent }) });
  const challengesOf = async (path: string) =>
    digestChallenges((await get(path)).headers['www-authenticate']);
  const nonceFor = async (path: string) => (await challengesOf(path))[0]?.nonce ?? '';
  const answerTo = (nonce: string, uri: string, more: Partial<DigestAnswer> = {}) =>
    digestAuthorization({ username, password, nonce, uri, ...more });

  describe(`Digest on ${transport}`, () => {
    it('offers SHA-256 and SHA-512-256, and no MD5', async () => {
      const algorithms = (await challengesOf('/digest/x')).map(({ algorithm }) => algorithm);
      assert.deepEqual(algorithms, ['SHA-256', 'SHA-512-256', 'SHA-256']);
    });

    it('accepts both algorithms, and forwards the caller, but not the credentials', async () => {
      for (const algorithm of ['SHA-256', 'SHA-512-256'] as const) {
        const path = `/digest/${transport}-${algorithm}?q=1`;
        const authorization = answerTo(await nonceFor(path), path, { algorithm });
        assert.equal((await get(path, authorization)).status, 200);
        const [request] = upstream.saw(`${transport}-${algorithm}`);
        assert.equal(request?.headers.authorization, undefined);
        const [, payload = ''] = String(request?.headers['gatehouse-assertion']).split('.');
        const { sub, amr } = JSON.parse(Buffer.from(payload, 'base64url').toString());
        assert.deepEqual([sub, amr], [username, ['pwd']]);
      }
    });

    it('refuses a wrong password, another uri or method, MD5, and a password that was replaced', async () => {
      const { name } = await server.createUser(['user']);
      const old = await makePassword(name);
      await makePassword(name);
      const wrong: Record<string, Partial<DigestAnswer>> = {
        'another password': { password: 'guess' },
        'another user': { username: 'zoe' },
        'a replaced password': { username: name, password: old },
        'a person’s password': { password: 'correct horse battery staple' },
        'another method': { method: 'POST' },
        'another uri': { uri: '/digest/other' },
        'no query': { uri: '/digest/refused?' },
        MD5: { algorithm: 'MD5' },
        'another realm': { instead: { realm: 'x' } },
        'another qop': { instead: { qop: 'auth-int' } },
        'a count that is not valid': { instead: { nc: '1' } },
      };
      for (const [what, more] of Object.entries(wrong)) {
        const path = '/digest/refused?a=1';
        const { status, headers } = await get(path, answerTo(await nonceFor(path), path, more));
        assert.equal(status, 401, what);
        assert.ok(
          digestChallenges(headers['www-authenticate']).every(({ isStale }) => !isStale),
          what,
        );
      }
      assert.deepEqual(upstream.saw('refused'), []);
    });

    it('accepts another spelling of the same path, and forwards the canonical one', async () => {
      const path = `/digest/%7E${transport}`;
      assert.equal((await get(path, answerTo(await nonceFor(path), `/digest/~${transport}`))).status, 200);
      assert.equal(upstream.saw(`/digest/~${transport}`).length, 1);
    });

    it('refuses a count that was used (RFC 7616 §3.4), on the same connection and on any other', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const path = '/digest/counted';
      const nonce =
        digestChallenges((await get(path, undefined, agent)).headers['www-authenticate'])[0]?.nonce ?? '';
      const use = (count: number, by?: Agent) => get(path, answerTo(nonce, path, { count }), by);
      assert.equal((await use(1, agent)).status, 200);
      assert.equal((await use(2, agent)).status, 200);
      assert.equal((await use(5, agent)).status, 200);
      for (const count of [5, 2, 1]) {
        const refused = await use(count, agent);
        assert.deepEqual([refused.status, refused.json().code], [401, 'nonce_stale']);
        assert.ok(digestChallenges(refused.headers['www-authenticate'])[0]?.isStale);
      }
      for (let connection = 0; connection < 12; connection += 1) {
        assert.equal((await use(5)).json().code, 'nonce_stale');
      }
      assert.equal((await use(6, agent)).status, 200);
      agent.destroy();
      const { length } = upstream.saw('/digest/counted');
      assert.equal(length, 4 * (TRANSPORTS.indexOf(transport) + 1));
    });

    it('of many replays of the first use at once, on many connections, one succeeds', async () => {
      const path = `/digest/at-once-${transport}`;
      const authorization = answerTo(await nonceFor(path), path);
      const answers = await Promise.all(Array.from({ length: 24 }, () => get(path, authorization)));
      assert.deepEqual(
        answers.map(({ status }) => status).filter((status) => status === 200),
        [200],
      );
      assert.equal(upstream.saw(`at-once-${transport}`).length, 1);
    });

    it('the ledger has the replay', async () => {
      const { entries = [] } = await server.admin('GET', '/admin/audit?limit=100');
      assert.match(JSON.stringify(entries), /"code":"nonce_stale"/);
    });

    it('refuses a disabled user, and the next user of the name has no password', async () => {
      const { name } = await server.createUser(['user']);
      const his = await makePassword(name);
      const use = async () =>
        (
          await get(
            '/digest/x',
            answerTo(await nonceFor('/digest/x'), '/digest/x', { username: name, password: his }),
          )
        ).status;
      assert.equal(await use(), 200);
      await server.admin('PUT', `/admin/users/${name}/disabled`, { disabled: true });
      assert.equal(await use(), 401);
      await server.admin('DELETE', `/admin/users/${name}`);
      const again = { name, password: 'correct horse battery staple', roles: ['user'] };
      await server.admin('POST', '/admin/users', again);
      assert.equal(await use(), 401);
    });

    it('on a public route, credentials for our realm do not reach the upstream', async () => {
      await get(`/public/${transport}`, answerTo('x', '/public/x'));
      assert.equal(upstream.saw(`/public/${transport}`)[0]?.headers.authorization, undefined);
    });

    it('opens the admin API if control.accept has it, each count once', async () => {
      const list = (authorization: string) =>
        ask({ port: server.controlPort, ca: server.ca, path: '/admin/users', headers: { authorization } });
      const [challenge] = digestChallenges((await list('Digest a=b')).headers['www-authenticate']);
      const authorization = answerTo(challenge?.nonce ?? '', '/admin/users');
      assert.equal((await list(authorization)).status, 403, 'known, and no administrator');
      assert.equal((await list(authorization)).status, 401);
    });

    it('curl --digest signs in', { skip: without('curl') }, async () => {
      const config = join(server.data, 'curl.conf');
      writeFileSync(config, `user = "${username}:${password}"\n`, { mode: 0o600 });
      const args = ['--silent', '--fail', '--digest', '--cacert', root, '--config', config];
      const path = '/digest/curl?a=1&b=%20';
      // Twice in one run: curl counts on.
      const { stdout } = await run('curl', [...args, url(path), url(path)]);
      assert.equal(stdout, `reached GET ${path}`.repeat(2));
    });

    it('Python’s requests signs in, with a session and with a new connection each time', {
      skip: withoutPython(['requests'], 'python3-requests'),
    }, async () => {
      const script = `import requests, sys
from requests.auth import HTTPDigestAuth
url, ca, user, file = sys.argv[1:]
auth = HTTPDigestAuth(user, open(file).read())
session = requests.Session()
statuses = [session.get(url, auth=auth, verify=ca).status_code for _ in range(3)]
statuses += [requests.get(url, auth=auth, verify=ca).status_code for _ in range(9)]
print(statuses)`;
      const args = [url('/digest/requests?a=1'), root, username, passwordFile];
      const { stdout } = await run('python3', ['-c', script, ...args]);
      assert.equal(stdout, `[${Array.from({ length: 12 }, () => 200).join(', ')}]\n`);
    });
  });
}

// `gatehouse login` in the browser and by device (RFC 8252, RFC 8628) against our own server: the tokens open
// only their own resource, are stored only for this user, are refreshed, and end with `gatehouse logout`.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { runApplication } from '../packages/cli/src/application.ts';
import { createFakeProcess, type FakeProcess } from '../packages/cli/test/fake-process.ts';
import { ask } from './support/https-client.ts';
import { claimsOf, oauthAt, type RegisteredClient } from './support/oauth-client.ts';
import { createPerson, type Person } from './support/person.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin });
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-login-'));
after(async () => {
  await Promise.all([server.stop(), upstream.close()]);
  rmSync(folder, { recursive: true });
});

const { issuer, gateway, post, register } = oauthAt(server);
const env = { XDG_CONFIG_HOME: folder, GATEHOUSE_DATA: folder };
const trust = ['--cacert', server.running.ready.rootCertificate];
const file = join(folder, 'gatehouse', 'logins.json');
const native = {
  grants: ['authorization_code', 'device_code'],
  authMethod: 'none',
  applicationType: 'native',
  redirectUris: ['http://127.0.0.1/callback'],
};
const client = await register({ ...native, scopes: ['gatehouse:admin'] });
const plain = await register({ ...native, scopes: [] });
const administrator = await server.createUser(['admin']);
const user = await server.createUser(['user']);

interface Logins {
  [origin: string]: { accessToken: string; refreshToken: string; expiresAt: number };
}
const logins = () => JSON.parse(readFileSync(file, 'utf8')) as Logins;

/** Runs a command to its end. */
async function command(...args: string[]) {
  const process = createFakeProcess({ env });
  await runApplication([...args, ...trust], process);
  return { status: process.exitCode ?? 0, ...outputOf(process) };
}

const outputOf = ({ written }: FakeProcess) => ({
  stdout: written.stdout.toString(),
  stderr: written.stderr,
});

/** Starts a sign-in, lets the person act on its output, and waits for its end. */
async function signIn(args: string[], act: (printed: string) => Promise<unknown>) {
  const acted = Promise.withResolvers<void>();
  // A device asks for its token as soon as the person has agreed.
  const process = createFakeProcess({ env, wait: () => acted.promise });
  const ended = runApplication(['login', '--server', issuer, ...args, ...trust], process);
  while (!/^ {2}https:/m.test(process.written.stderr) && process.exitCode === undefined) {
    await new Promise(setImmediate);
  }
  if (process.exitCode === undefined) await act(process.written.stderr);
  acted.resolve();
  await ended;
  return { status: process.exitCode ?? 0, ...outputOf(process) };
}

/** The person's browser opens the address, and returns to the command. */
const inBrowser = (person: Person) => async (printed: string) => {
  const [, address = ''] = /^ {2}(https:\S+)$/m.exec(printed) ?? [];
  const back = await person.goThrough(address);
  assert.equal(back.hostname, '127.0.0.1');
  assert.match(await (await fetch(back)).text(), /You can close this window/);
};

const byBrowser = (who: { name: string; password: string }, by: RegisteredClient, ...args: string[]) =>
  signIn(['--client', by.client_id, ...args], inBrowser(createPerson(server, who)));

it('an administrator signs in with the browser, and management commands need no other credential', async () => {
  const { status, stdout, stderr } = await byBrowser(administrator, client);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, `Signed in for ${issuer}. Try: gatehouse status --server ${issuer}\n`);
  const token = logins()[issuer]?.accessToken ?? '';
  assert.equal(claimsOf(token).aud, issuer);
  const answer = await command('status', '--server', issuer, '--json');
  assert.equal(answer.status, 0, answer.stderr);
  assert.equal(JSON.parse(answer.stdout).control, issuer);
  assert.ok(!stdout.includes(token) && !stderr.includes(token));
});

it('only their owner can read the tokens', () => {
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(join(folder, 'gatehouse')).mode & 0o777, 0o700);
});

it('refreshes an expired token, and replaces the refresh token', async () => {
  const before = logins();
  const login = before[issuer];
  assert.ok(login);
  writeFileSync(file, JSON.stringify({ [issuer]: { ...login, expiresAt: 0 } }));
  assert.equal((await command('user', 'list', '--server', issuer)).status, 0);
  const now = logins()[issuer];
  assert.notEqual(now?.accessToken, login.accessToken);
  assert.notEqual(now?.refreshToken, login.refreshToken);
  assert.ok((now?.expiresAt ?? 0) > Date.now());
});

it('commands at the same time refresh only once, because a repeated refresh token ends the sign-in', async () => {
  const login = logins()[issuer];
  assert.ok(login);
  writeFileSync(file, JSON.stringify({ [issuer]: { ...login, expiresAt: 0 } }));
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => command('user', 'list', '--server', issuer)),
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    [0, 0, 0, 0, 0],
  );
  assert.equal((await command('user', 'list', '--server', issuer)).status, 0);
});

it('a client without the scope gets no token for the admin API, and gets the reason', async () => {
  const { status, stderr } = await byBrowserRefused(plain);
  assert.equal(status, 1);
  assert.match(stderr, /not registered with --scope gatehouse:admin/);
});

/** The server sends the browser back with an error, or shows it. */
async function byBrowserRefused(by: RegisteredClient) {
  const person = createPerson(server, administrator);
  return signIn(['--client', by.client_id], async (printed) => {
    const [, address = ''] = /^ {2}(https:\S+)$/m.exec(printed) ?? [];
    const shown = await person.open(address);
    assert.equal(shown.url.hostname, '127.0.0.1', shown.answer?.text() ?? '');
    await fetch(shown.url);
  });
}

it('a token for the gateway does not open the admin API, not even a token of an administrator', async () => {
  const { status, stderr, stdout } = await byBrowser(administrator, plain, '--gateway');
  assert.equal(status, 0, stderr);
  assert.match(stdout, new RegExp(`gatehouse request ${gateway}/ --signed-in`));
  const token = logins()[new URL(gateway).origin]?.accessToken;
  const headers = { authorization: `Bearer ${token}` };
  const { controlPort: port, ca } = server;
  assert.equal((await ask({ port, ca, path: '/admin/status', headers })).status, 401);
  const sent = await command('request', `${gateway}/`, '--signed-in', '--check');
  assert.equal(sent.status, 0, sent.stderr);
  assert.equal((await command('request', 'https://localhost:1/', '--signed-in')).status, 2);
});

it('a person without the role can sign in, but may do nothing there', async () => {
  assert.equal((await byBrowser(user, client)).status, 0);
  const { status, stderr } = await command('user', 'list', '--server', issuer);
  assert.equal(status, 1);
  assert.match(stderr, /not allowed|not permitted|need/i);
});

const statusOf = async (token: string | undefined, path = '/admin/status', port = server.controlPort) =>
  (await ask({ port, ca: server.ca, path, headers: { authorization: `Bearer ${token}` } })).status;

it('a token for the admin API opens no route of the gateway (RFC 8707)', async () => {
  await byBrowser(administrator, client);
  const token = logins()[issuer]?.accessToken;
  assert.equal(await statusOf(token), 200);
  assert.equal(await statusOf(token, '/', Number(new URL(gateway).port)), 401);
});

it('a token for the admin API cannot be exchanged for one for the gateway (RFC 8693)', async () => {
  const exchanging = await register({ grants: ['token_exchange'], authMethod: 'client_secret_basic' });
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: logins()[issuer]?.accessToken ?? '',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  };
  const answer = await post('/oauth/token', form, exchanging);
  assert.equal(answer.status, 400, answer.text());
  assert.match(String(answer.json().error_description), /not for the gateway/);
});

it('the program cannot change how the person signs in', async () => {
  const { controlPort: port, ca } = server;
  const headers = {
    authorization: `Bearer ${logins()[issuer]?.accessToken}`,
    'content-type': 'application/json',
  };
  for (const [method, path] of [
    ['POST', '/auth/totp'],
    ['DELETE', '/auth/totp'],
    ['POST', '/auth/recovery-codes'],
  ] as const) {
    const body = method === 'POST' ? '{}' : undefined;
    const answer = await ask({ port, ca, path, method, headers, ...(body && { body }) });
    assert.equal(answer.status, 403, path);
  }
});

it('the person must allow administration each time, on a page that explains it, and not by the key Enter', async () => {
  const person = createPerson(server, administrator);
  for (const round of [1, 2]) {
    const { status } = await signIn(['--client', client.client_id], async (printed) => {
      const [, address = ''] = /^ {2}(https:\S+)$/m.exec(printed) ?? [];
      // Another program on this machine could omit `prompt=consent`.
      const url = new URL(address);
      url.searchParams.delete('prompt');
      let shown = await person.open(url.href);
      if (shown.answer?.text().includes('name="password"')) {
        shown = await person.submit(shown, {
          username: administrator.name,
          password: administrator.password,
        });
      }
      const text = shown.answer?.text() ?? '';
      assert.match(text, /administer this Gatehouse in your name/, `round ${round}`);
      assert.match(text, /If someone sent you the\s+address or a code, do not allow it/);
      assert.doesNotMatch(text, /autofocus/);
      await fetch((await person.submit(shown, { decision: 'allow' })).url);
    });
    assert.equal(status, 0);
  }
});

it('a new password, disabling the user, and disabling or removing the client each end the sign-in at once', async () => {
  const temporary = await server.createUser(['admin']);
  const its = await register({ ...native, scopes: ['gatehouse:admin'] });
  const again = async (by = its) => {
    assert.equal((await byBrowser(temporary, by)).status, 0);
    const token = logins()[issuer]?.accessToken;
    assert.equal(await statusOf(token), 200);
    return token;
  };
  const ended = async (token: string | undefined) => {
    assert.equal(await statusOf(token), 401);
    writeFileSync(file, JSON.stringify({ [issuer]: { ...logins()[issuer], expiresAt: 0 } }));
    const { status, stderr } = await command('status', '--server', issuer);
    assert.equal(status, 1, stderr);
  };
  const user = `/admin/users/${temporary.name}`;
  let token = await again();
  await server.admin('PUT', `${user}/disabled`, { disabled: true });
  await ended(token);
  await server.admin('PUT', `${user}/disabled`, { disabled: false });
  token = await again();
  await server.admin('PUT', `/admin/clients/${its.client_id}/disabled`, { disabled: true });
  await ended(token);
  await server.admin('PUT', `/admin/clients/${its.client_id}/disabled`, { disabled: false });
  const removed = await register({ ...native, scopes: ['gatehouse:admin'] });
  token = await again(removed);
  await server.admin('DELETE', `/admin/clients/${removed.client_id}`);
  await ended(token);
  token = await again();
  temporary.password = 'another battery staple of a horse';
  await server.admin('PUT', `${user}/password`, { password: temporary.password });
  await ended(token);
  token = await again();
  await server.admin('PUT', `${user}/roles`, { roles: ['user'] });
  assert.equal(await statusOf(token), 403, 'the roles are those of now');
});

it('a client that lost the scope gets no new token with an old refresh token', async () => {
  const its = await register({ ...native, scopes: ['gatehouse:admin'] });
  assert.equal((await byBrowser(administrator, its)).status, 0);
  await server.admin('PUT', `/admin/clients/${its.client_id}`, { scopes: [] });
  writeFileSync(file, JSON.stringify({ [issuer]: { ...logins()[issuer], expiresAt: 0 } }));
  const { status, stderr } = await command('status', '--server', issuer);
  assert.equal(status, 1);
  assert.match(stderr, /not registered with --scope gatehouse:admin/);
});

it('with --device, a code is typed into another browser', async () => {
  const { status, stderr, stdout } = await signIn(
    ['--device', '--client', client.client_id],
    async (printed) => {
      const [, userCode = ''] = /^ {2}([A-Z]{4}-[A-Z]{4})$/m.exec(printed) ?? [];
      const person = createPerson(server, administrator);
      let shown = await person.submit(await person.open('/device'), { user_code: userCode });
      shown = await person.submit(shown, {});
      for (;;) {
        const text = shown.answer?.text() ?? '';
        if (text.includes('name="password"')) {
          shown = await person.submit(shown, {
            username: administrator.name,
            password: administrator.password,
          });
        } else if (text.includes('value="allow"')) {
          assert.match(text, /administer this Gatehouse in your name/);
          shown = await person.submit(shown, { decision: 'allow' });
        } else return assert.match(text, /The device is connected/);
      }
    },
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^Signed in for /);
  assert.equal((await command('status', '--server', issuer)).status, 0);
});

it('uses the client of the last sign-in again, and says how to create one if there is none', async () => {
  const again = await signIn([], inBrowser(createPerson(server, administrator)));
  assert.equal(again.status, 0, again.stderr);
  const process = createFakeProcess({ env: { XDG_CONFIG_HOME: join(folder, 'other') } });
  await runApplication(['login', '--server', issuer, ...trust], process);
  assert.equal(process.exitCode, 2);
  assert.match(process.written.stderr, /gatehouse client add cli --public --native/);
});

it('gatehouse logout revokes the tokens, and removes them', async () => {
  const token = logins()[issuer]?.accessToken;
  assert.equal((await command('logout', '--server', issuer)).status, 0);
  assert.deepEqual(Object.keys(logins()), []);
  const { controlPort: port, ca } = server;
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await ask({ port, ca, path: '/admin/status', headers })).status, 401);
  const { status, stderr } = await command('status', '--server', issuer);
  assert.equal(status, 2);
  assert.match(stderr, /gatehouse login --server/);
  assert.equal((await command('logout', '--server', issuer)).status, 1);
});

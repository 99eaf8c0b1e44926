// Starting and stopping a whole server: its files, its state after a restart, and the one line if it cannot
// start.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer, Server } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { ErrorCode } from '@gatehouse/access';
import { BACKED_UP_FILES } from '../src/backup/archive.ts';
import type { RunningServer } from '../src/index.ts';
import { serve } from '../src/index.ts';
import { openDataFolder } from '../src/platform/data-folder/data-folder.ts';
import { lineRefusal } from './support/errors.ts';
import { send } from './support/send.ts';
import { TEST_SETTINGS } from './support/spawn-server.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const QUIET = 'log.level=silent';

function start(data: string, ...set: string[]): Promise<RunningServer> {
  return serve({ data, set: [...TEST_SETTINGS, QUIET, ...set], environment: {} });
}

async function startFor(t: TestContext, data: string, ...set: string[]): Promise<RunningServer> {
  const server = await start(data, ...set);
  t.after(() => server.stop());
  return server;
}

const portOf = (url: string) => Number(new URL(url).port);

/** Throws if a program listens there. */
async function assertFree(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  await once(probe, 'listening');
  probe.close();
  await once(probe, 'close');
}

async function takePort(t: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('the first start writes a root certificate that all users can read, and secrets that only the owner can', async (t) => {
  const folder = temporaryFolder(t);
  const { ready } = await startFor(t, folder);
  const modes = Object.fromEntries(
    readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
  );
  const {
    'root.pem': root,
    'admin-password': password,
    'master.key': key,
    'control.json': control,
    'control.sock': socket,
  } = modes;
  assert.deepEqual(
    { root, password, key, control, socket },
    { root: '644', password: '600', key: '600', control: '600', socket: '600' },
  );
  assert.equal(ready.rootCertificate, join(folder, 'root.pem'));
  assert.match(ready.rootFingerprint, /^sha256\/[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual(ready.administrator, { name: 'admin', passwordFile: join(folder, 'admin-password') });
  assert.equal(ready.upstream, 'http://127.0.0.1:9');
  assert.equal(ready.samples, null);
});

test('a backup has every file of the data folder that a start does not create again', async (t) => {
  const folder = temporaryFolder(t);
  const set = TEST_SETTINGS.filter((pair) => !pair.startsWith('gateway.upstream'));
  const server = await serve({ data: folder, set: [...set, QUIET], environment: {} });
  t.after(() => server.stop());
  // The data of clients in the sample services are no state of Gatehouse.
  const madeAgain = ['root.pem', 'access.log', 'lock', 'reserve', 'samples', 'ledger-head.json'];
  const whileItRuns = ['control.json', 'control.sock', 'gatehouse.db-shm', 'gatehouse.db-wal'];
  const known = [...BACKED_UP_FILES, ...madeAgain, ...whileItRuns];
  assert.deepEqual(readdirSync(folder).sort(), known.sort());
});

test('without an upstream, the sample services run behind the gateway', async (t) => {
  const server = await serve({
    data: temporaryFolder(t),
    set: [...TEST_SETTINGS.filter((pair) => !pair.startsWith('gateway.upstream')), QUIET],
    environment: {},
  });
  t.after(() => server.stop());
  assert.equal(server.ready.upstream, null);
  const answer = await send({ url: `${server.ready.samples}/` });
  assert.match(answer.text, /^{"message": "The current time is /);
});

test('control.json has the addresses for the command line while the server runs', async (t) => {
  const folder = temporaryFolder(t);
  const server = await start(folder);
  const content = JSON.parse(readFileSync(join(folder, 'control.json'), 'utf8'));
  assert.deepEqual(content, { ...server.ready, socket: join(folder, 'control.sock'), pid: process.pid });
  await server.stop();
  assert.ok(!existsSync(join(folder, 'control.json')));
});

test('stopping closes every listener and frees the data folder', async (t) => {
  const folder = temporaryFolder(t);
  const server = await start(folder);
  await server.stop();
  for (const url of [server.ready.gateway, server.ready.control, server.ready.pki])
    await assertFree(portOf(url));
  await startFor(t, folder);
});

test('root, users and issued tokens stay valid after a restart', async (t) => {
  const folder = temporaryFolder(t);
  const control = `control.listen=127.0.0.1:${await freePort()}`;
  const before = await start(folder, control);
  const password = readFileSync(join(folder, 'admin-password'), 'utf8').trim();
  const ca = readFileSync(join(folder, 'root.pem'), 'utf8');
  const body = { username: 'admin', password };
  const login = await send({ url: `${before.ready.control}/auth/login`, ca, method: 'POST', body });
  const { access_token: token } = login.json<{ access_token: string }>();
  await before.stop();

  const after = await startFor(t, folder, control);
  assert.equal(after.ready.rootFingerprint, before.ready.rootFingerprint);
  assert.equal(readFileSync(join(folder, 'root.pem'), 'utf8'), ca);
  assert.equal(readFileSync(join(folder, 'admin-password'), 'utf8').trim(), password);
  const headers = { authorization: `Bearer ${token}` };
  const verified = await send({
    url: `${after.ready.control}/admin/audit/verify`,
    ca,
    method: 'POST',
    headers,
  });
  assert.equal(verified.json().ok, true);
});

test('a second server on the data folder refuses, and the first continues', async (t) => {
  const folder = temporaryFolder(t);
  await startFor(t, folder);
  await assert.rejects(
    start(folder),
    lineRefusal('data_folder_locked', /^Another Gatehouse is running on the data folder .*--data\.$/),
  );
  const status = await send({
    socketPath: join(folder, 'control.sock'),
    method: 'GET',
    path: '/admin/status',
  });
  assert.equal(status.status, 200);
  assert.ok(existsSync(join(folder, 'control.json')));
});

for (const setting of ['gateway.listen', 'control.listen', 'pki.listen', 'samples.listen']) {
  test(`a taken port for ${setting} is one line that names the setting, and leaves nothing running`, async (t) => {
    const folder = temporaryFolder(t);
    const port = await takePort(t);
    const settings = TEST_SETTINGS.filter((pair) => !pair.startsWith('gateway.upstream'));
    const started = serve({
      data: folder,
      set: [...settings, QUIET, `${setting}=127.0.0.1:${port}`],
      environment: {},
    });
    await assert.rejects(
      started,
      lineRefusal(
        'listen_failed',
        new RegExp(`^Port 127\\.0\\.0\\.1:${port} is taken: .*--set ${setting}=127\\.0\\.0\\.1:PORT\\.$`),
      ),
    );
    assert.ok(!existsSync(join(folder, 'control.json')));
    (await openDataFolder(folder)).release();
  });
}

test('if another program takes a chosen port before it is bound, another one is chosen', async (t) => {
  const thief = createServer();
  t.after(() => thief.close());
  const close = Server.prototype.close;
  const theft = t.mock.method(
    Server.prototype,
    'close',
    function (this: Server, done?: (error?: Error) => void) {
      const place = this.address() as AddressInfo | null;
      // The first closed server is the probe for the gateway's port.
      if (thief.listening || !place) return close.call(this, done);
      return close.call(this, () => thief.listen(place.port, '127.0.0.1', () => done?.()));
    },
  );
  const server = await startFor(t, temporaryFolder(t));
  theft.mock.restore();
  const { port } = thief.address() as AddressInfo;
  assert.ok(port > 0);
  assert.notEqual(portOf(server.ready.gateway), port);
});

test('a start that fails after workers and listeners have started stops them again', async (t) => {
  const folder = temporaryFolder(t);
  const [gateway, shared] = await Promise.all([freePort(), freePort()]);
  // Each port is free when it is probed. The second listener on the same port fails. Its address is another
  // form of the first address, which the check of the settings does not recognise.
  const settings = [
    `gateway.listen=127.0.0.1:${gateway}`,
    `control.listen=127.0.0.1:${shared}`,
    `pki.listen=[::ffff:127.0.0.1]:${shared}`,
  ];
  await assert.rejects(start(folder, ...settings), lineRefusal('listen_failed', /pki\.listen/));
  await assertFree(gateway);
  await assertFree(shared);
  await startFor(t, folder);
});

/** Below the ports of outgoing connections, which could take the port before the server. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(randomInt(20_000, 32_000), '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return freePort();
  }
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

const refused: [what: string, set: string, code: ErrorCode, message: RegExp][] = [
  ['an unknown setting', 'gateway.lisen=:1', 'config_unknown', /did you mean gateway\.listen\?$/],
  ['a setting of the wrong kind', 'gateway.workers=many', 'config_invalid', /gateway\.workers/],
  [
    'a route to an upstream that has no address',
    'gateway.routes=[{"path":"/*","upstream":"nowhere"}]',
    'config_invalid',
    /nowhere/,
  ],
  ['a name that no certificate can have', 'ca.names=exa mple.com', 'config_invalid', /ca\.names/],
  [
    'a profile for ACME that is only for clients',
    'acme.profile=client',
    'config_invalid',
    /^Setting acme\.profile is not valid: the profile client is only for clients, and .*; name a profile for servers: server, peer\.$/,
  ],
  [
    'an unknown profile for ACME with the name of a member of Object',
    'acme.profile=constructor',
    'config_invalid',
    /there is no profile constructor; name a profile for servers: server, peer\.$/,
  ],
  [
    'an address that this machine does not have',
    'control.listen=192.0.2.1:0',
    'listen_failed',
    /192\.0\.2\.1/,
  ],
];

for (const [what, set, code, message] of refused) {
  test(`${what} stops the start with one line, and leaves nothing running`, async (t) => {
    const folder = temporaryFolder(t);
    await assert.rejects(start(folder, set), lineRefusal(code, message));
    assert.ok(!existsSync(join(folder, 'control.json')));
    (await openDataFolder(folder)).release();
  });
}

test('finds a wrong setting before it creates the data folder', async (t) => {
  const folder = join(temporaryFolder(t), 'data');
  await assert.rejects(start(folder, 'gateway.lisen=:1'), lineRefusal('config_unknown', /lisen/));
  assert.ok(!existsSync(folder));
});

test('another master key stops the start and changes nothing: the right one starts again', async (t) => {
  const folder = temporaryFolder(t);
  await (await start(folder)).stop();
  const key = readFileSync(join(folder, 'master.key'));
  writeFileSync(join(folder, 'master.key'), Buffer.alloc(32, 1).toString('base64'));
  await assert.rejects(
    start(folder),
    lineRefusal(
      'master_key_wrong',
      /use the master key of this data folder\. If .* restore your newest backup\.$/,
    ),
  );
  writeFileSync(join(folder, 'master.key'), key);
  await startFor(t, folder);
});

test('GATEHOUSE_DATA and GATEHOUSE_MASTER_KEY_FILE choose the data folder and the key file', async (t) => {
  const elsewhere = temporaryFolder(t);
  const folder = join(elsewhere, 'data');
  const keyFile = join(elsewhere, 'key');
  writeFileSync(keyFile, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
  const environment = { GATEHOUSE_DATA: folder, GATEHOUSE_MASTER_KEY_FILE: keyFile };
  const server = await serve({ set: [...TEST_SETTINGS, QUIET], environment });
  t.after(() => server.stop());
  assert.equal(server.ready.rootCertificate, join(folder, 'root.pem'));
  assert.ok(!existsSync(join(folder, 'master.key')));
});

test('renews its certificate while it serves: new connections get the new one, open ones continue', async (t) => {
  const { ready } = await startFor(t, temporaryFolder(t), 'ca.serverLifetime=6s');
  const ca = readFileSync(ready.rootCertificate);
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca });
  t.after(() => agent.destroy());
  const ask = async (origin: string, agent: Agent | false) => {
    const asked = request(origin, { agent, ca }).end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    await once(answer, 'end');
    const { serialNumber } = (asked.socket as TLSSocket).getPeerCertificate();
    return { reused: asked.reusedSocket, serialNumber };
  };
  const { serialNumber: first } = await ask(ready.gateway, agent);
  const renewedAt = async (origin: string) => {
    for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
      if ((await ask(origin, false)).serialNumber !== first) return true;
      await delay(50);
    }
    return false;
  };
  assert.ok(await renewedAt(ready.gateway));
  assert.ok(await renewedAt(ready.control));
  assert.equal((await ask(ready.gateway, agent)).reused, true);
});

// The control plane's listeners: access to the socket, and connections when the certificate changes or the
// listener closes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { lstatSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { openDataFolder } from '../../../src/platform/data-folder/data-folder.ts';
import type { TcpSettings } from '../../../src/platform/listening/control-server.ts';
import { listenHttp, listenHttps, listenSocket } from '../../../src/platform/listening/control-server.ts';
import { resolveTlsSettings } from '../../../src/platform/tls/tls-settings.ts';
import { createTestAuthority } from '../../support/certificates.ts';
import { lineRefusal } from '../../support/errors.ts';
import { send } from '../../support/send.ts';
import type { Scope } from '../../support/temporary-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };
const CONTROL = tcp('control.listen');
const PKI = tcp('pki.listen');
const greet: RequestListener = (_request, response) => void response.end('hello');

async function openFolder(scope: Scope, ...names: string[]) {
  const folder = await openDataFolder(join(temporaryFolder(scope), ...names));
  scope.after(() => folder.release());
  return folder;
}

test('only the owner of the data folder can open the socket (mode 0600)', async (t) => {
  const folder = await openFolder(t);
  const listener = await listenSocket(greet, folder);
  t.after(() => listener.close(0));
  assert.equal(listener.path, folder.file('control.sock'));
  assert.equal(statSync(listener.path).mode & 0o777, 0o600);
  assert.equal((await send({ socketPath: listener.path, path: '/' })).text, 'hello');
});

test('replaces the socket of a killed server', async (t) => {
  const folder = await openFolder(t);
  writeFileSync(folder.file('control.sock'), '');
  const listener = await listenSocket(greet, folder);
  t.after(() => listener.close(0));
  assert.ok(lstatSync(listener.path).isSocket());
});

/** Changes the folder for temporary files, only for this test. */
function replaceTemporaryFolder(t: TestContext): string {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = temporaryFolder(t);
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  return process.env.TMPDIR;
}

test('a data folder with a long path has its socket elsewhere, in a folder that only its owner can open', async (t) => {
  const folder = await openFolder(t, 'long'.repeat(30));
  replaceTemporaryFolder(t);
  const listener = await listenSocket(greet, folder);
  t.after(() => listener.close(0));
  assert.ok(Buffer.byteLength(listener.path) <= 100);
  assert.equal(statSync(dirname(listener.path)).mode & 0o777, 0o700);
  assert.equal(statSync(listener.path).mode & 0o777, 0o600);
  assert.equal((await send({ socketPath: listener.path, path: '/' })).text, 'hello');
});

test('refuses a folder for the socket that another user created, who would own the socket', async (t) => {
  const folder = await openFolder(t, 'long'.repeat(30));
  const temporary = replaceTemporaryFolder(t);
  symlinkSync(temporaryFolder(t), join(temporary, `gatehouse-${userInfo().uid}`));
  await assert.rejects(
    listenSocket(greet, folder),
    lineRefusal('listen_failed', /belongs to someone else: choose a data folder with a shorter path\.$/),
  );
});

test('says in words why the folder for the socket cannot be created', async (t) => {
  const folder = await openFolder(t, 'long'.repeat(30));
  const temporary = replaceTemporaryFolder(t);
  writeFileSync(join(temporary, `gatehouse-${userInfo().uid}`), '');
  await assert.rejects(
    listenSocket(greet, folder),
    lineRefusal(
      'listen_failed',
      /for the socket cannot be created \(.*\): choose a data folder with a shorter path\.$/,
    ),
  );
});

test('presents a new certificate to new connections while open ones continue', async (t) => {
  const authority = createTestAuthority();
  const tls = {
    settings: resolveTlsSettings({}),
    identity: authority.issue(),
  } as const;
  const listener = await listenHttps(greet, CONTROL, tls);
  t.after(() => listener.close(0));
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority.root });
  t.after(() => agent.destroy());
  const ask = async (through: Agent) => {
    const asked = request({ ...LOCAL, port: listener.port, servername: 'localhost', agent: through });
    asked.end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    await once(answer, 'end');
    const socket = asked.socket as TLSSocket;
    return { reused: asked.reusedSocket, serial: socket.getPeerCertificate().serialNumber };
  };
  const before = await ask(agent);
  listener.present(authority.issue());
  assert.equal((await ask(agent)).reused, true);
  const fresh = new Agent({ ca: authority.root });
  t.after(() => fresh.destroy());
  assert.notEqual((await ask(fresh)).serial, before.serial);
  const old = new Agent({ ca: authority.root, maxVersion: 'TLSv1.2' });
  t.after(() => old.destroy());
  await assert.rejects(ask(old), /protocol version/, 'the new certificate came with other TLS settings');
});

test('checks client certificates with the current roots, and reports the reason of a refusal', async (t) => {
  const [before, after] = [createTestAuthority(), createTestAuthority()];
  const refused: [string, string | undefined][] = [];
  const seen: (string | undefined)[] = [];
  const answerWithCaller: RequestListener = ({ socket }, response) => {
    const { authorized } = socket as TLSSocket;
    seen.push(
      authorized ? (socket as TLSSocket).getPeerX509Certificate()?.serialNumber.toLowerCase() : undefined,
    );
    response.end();
  };
  const listener = await listenHttps(answerWithCaller, CONTROL, {
    settings: resolveTlsSettings({}),
    identity: { ...before.issue(), clientRoots: before.root },
    certificateRefused: (reason, address) => void refused.push([reason, address]),
  });
  t.after(() => listener.close(0));
  const [early, late] = [before, after].map((from) =>
    from.issueClient({ uris: ['urn:gatehouse:service:a'] }),
  );
  const ask = async (certificate: object, { root: ca }: { root: string }) => {
    const options = { ...LOCAL, port: listener.port, servername: 'localhost', agent: false, ca } as const;
    const asked = request({ ...options, ...certificate });
    asked.end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    await once(answer, 'end');
    return seen.at(-1);
  };
  assert.equal(await ask({}, before), undefined);
  assert.deepEqual(refused, []);
  assert.equal(await ask({ ...early }, before), early?.serialNumber);
  assert.equal(await ask({ ...late }, before), undefined);
  assert.deepEqual(refused, [['The client certificate was not issued here.', '127.0.0.1']]);
  listener.present({ ...after.issue(), clientRoots: after.root });
  assert.equal(await ask({ ...late }, after), late?.serialNumber);
  assert.equal(await ask({ ...early }, after), undefined);
});

test('closing lets a running request finish, and accepts no others', async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: asked, resolve: arrived } = Promise.withResolvers<void>();
  const slow: RequestListener = async (_request, response) => {
    arrived();
    await released;
    response.end('finished');
  };
  const listener = await listenHttp(slow, PKI);
  const url = `http://127.0.0.1:${listener.port}/`;
  const running = send({ url });
  await asked;
  const closed = listener.close(60);
  await assert.rejects(send({ url }), /ECONNREFUSED/);
  release();
  assert.equal((await running).text, 'finished');
  await closed;
  t.diagnostic('closed long before its grace was over');
});

test('closing ends requests that do not finish in time', async () => {
  const { promise: asked, resolve: arrived } = Promise.withResolvers<void>();
  const listener = await listenHttp(() => arrived(), PKI);
  const stuck = send({ url: `http://127.0.0.1:${listener.port}/` });
  const refused = assert.rejects(stuck, /socket hang up|ECONNRESET/);
  await asked;
  await listener.close(0.05);
  await refused;
});

test('closing does not wait for idle connections', async (t) => {
  const listener = await listenHttp(greet, PKI);
  const idle = connect(listener.port, '127.0.0.1');
  t.after(() => void idle.destroy());
  await once(idle, 'connect');
  idle.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(idle, 'data');
  await listener.close(60);
});

// Node would wait for its keep-alive time, which is 10 s here.
test('closing does not wait for a connection whose last answer ends meanwhile', {
  timeout: 8000,
}, async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: asked, resolve: arrived } = Promise.withResolvers<void>();
  const listener = await listenHttp(async (_request, response) => {
    arrived();
    await released;
    response.end('finished');
  }, PKI);
  const keptAlive = connect(listener.port, '127.0.0.1');
  t.after(() => void keptAlive.destroy());
  keptAlive.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await asked;
  const closed = listener.close(60);
  release();
  keptAlive.resume();
  await closed;
});

// A handshake may take 10 s.
test('closing does not wait for unfinished TLS handshakes', { timeout: 5000 }, async (t) => {
  const tls = { settings: resolveTlsSettings({}), identity: createTestAuthority().issue() } as const;
  const listener = await listenHttps(greet, CONTROL, tls);
  const silent = connect(listener.port, '127.0.0.1');
  t.after(() => void silent.destroy());
  await once(silent, 'connect');
  // Half of a ClientHello.
  silent.write(Buffer.from('16030102000100', 'hex'));
  const ended = new Promise((resolve) =>
    silent
      .on('error', () => {})
      .on('close', resolve)
      .resume(),
  );
  await Promise.all([listener.close(60), ended]);
});

function tcp(setting: string): TcpSettings {
  const connections = { total: 100, ofOne: 100, handshakesOfOne: 50 };
  return { ...LOCAL, setting, connections, refused: () => assert.fail('a connection was refused') };
}

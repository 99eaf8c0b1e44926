// Connection shares on real listeners: clients have the addresses 127.0.0.1 and 127.0.0.2.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { Agent as HttpAgent, get as httpGet } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { ConnectionLimits } from '../../../src/platform/limits/connection-shares.ts';
import { listenHttp, listenHttps } from '../../../src/platform/listening/control-server.ts';
import { resolveTlsSettings } from '../../../src/platform/tls/tls-settings.ts';
import { createTestAuthority } from '../../support/certificates.ts';

const [FIRST, SECOND] = ['127.0.0.1', '127.0.0.2'];
const LIMITS = { total: 6, ofOne: 4, handshakesOfOne: 2 };
const authority = createTestAuthority();

interface Subject {
  port: number;
  reports: string[];
  /** Requests that are not answered yet, by their path. */
  pending: Map<string, () => void>;
}

/**
 * A listener that answers each request at once. Requests for paths that begin with /wait get their answer
 * only from `pending`.
 */
async function start(
  t: TestContext,
  kind: 'http' | 'https',
  limits: ConnectionLimits = LIMITS,
): Promise<Subject> {
  const reports: string[] = [];
  const pending = new Map<string, () => void>();
  const handle: RequestListener = ({ url = '' }, response) => {
    if (url.startsWith('/wait')) pending.set(url, () => response.end('waited'));
    else response.end('hello');
  };
  const tcp = {
    host: '0.0.0.0',
    port: 0,
    setting: 'control.listen',
    connections: limits,
    refused: (what: string, share: string) => void reports.push(`${what} ${share}`),
  };
  const tls = { settings: resolveTlsSettings({}), identity: authority.issue() } as const;
  const listener = await (kind === 'http' ? listenHttp(handle, tcp) : listenHttps(handle, tcp, tls));
  t.after(() => listener.close(0));
  return { port: listener.port, reports, pending };
}

/** A TCP connection on which nothing is sent. */
async function openSilent(t: TestContext, { port }: Subject, localAddress = FIRST): Promise<Socket> {
  const socket = connect({ host: FIRST, port, localAddress }).on('error', () => {});
  t.after(() => void socket.destroy());
  await once(socket, 'connect');
  return socket.resume();
}

interface Wanted {
  path?: string;
  localAddress?: string;
  agent?: HttpAgent;
}

/** Resolves with the body. */
function get(kind: 'http' | 'https', { port }: Subject, wanted: Wanted = {}): Promise<string> {
  const { path = '/', localAddress = FIRST, agent } = wanted;
  const options = { host: FIRST, port, path, localAddress, agent: agent ?? false, servername: 'localhost' };
  return new Promise((resolve, reject) => {
    const ask = kind === 'http' ? httpGet : httpsGet;
    ask({ ...options, ca: authority.root }, async (answer) => {
      let body = '';
      for await (const chunk of answer) body += chunk;
      resolve(body);
    }).on('error', reject);
  });
}

/** Waits for the end of a connection, by a reset or otherwise. */
async function isClosed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}

for (const kind of ['http', 'https'] as const) {
  test(`${kind}: silent connections from one address block neither others nor itself`, async (t) => {
    const subject = await start(t, kind, { total: 6, ofOne: 4, handshakesOfOne: 4 });
    const silent: Socket[] = [];
    for (let count = 0; count < 20; count += 1) silent.push(await openSilent(t, subject, SECOND));
    assert.equal(await get(kind, subject), 'hello');
    assert.equal(await get(kind, subject, { localAddress: SECOND }), 'hello');
    await Promise.all(silent.slice(0, 17).map(isClosed));
    assert.deepEqual(subject.reports, new Array(17).fill(`closed ${SECOND}`));
  });

  test(`${kind}: keep-alive connections are idle, and those that wait for an answer are not`, async (t) => {
    const subject = await start(t, kind, { ...LIMITS, ofOne: 2 });
    const Agent = kind === 'http' ? HttpAgent : HttpsAgent;
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    assert.equal(await get(kind, subject, { agent }), 'hello');
    const waiting = [1, 2].map((number) => get(kind, subject, { path: `/wait/${number}` }));
    while (subject.pending.size < 2) await nextTurn();
    assert.deepEqual(subject.reports, [`closed ${FIRST}`]);
    await assert.rejects(get(kind, subject), /ECONNRESET|EPIPE|socket (hang up|disconnected)/);
    assert.deepEqual(subject.reports, [`closed ${FIRST}`, `refused ${FIRST}`]);
    for (const answer of subject.pending.values()) answer();
    assert.deepEqual(await Promise.all(waiting), ['waited', 'waited']);
  });
}

test('a connection that answers a request is closed for another address only if none is idle', async (t) => {
  const subject = await start(t, 'https', { total: 3, ofOne: 3, handshakesOfOne: 3 });
  const waiting = [1, 2, 3].map((number) => {
    const asked = get('https', subject, { path: `/wait/${number}`, localAddress: SECOND });
    return asked.catch((error: NodeJS.ErrnoException) => error.code);
  });
  while (subject.pending.size < 3) await nextTurn();
  assert.equal(await get('https', subject), 'hello');
  assert.deepEqual(subject.reports, [`closed ${SECOND}`]);
  for (const answer of subject.pending.values()) answer();
  assert.deepEqual((await Promise.all(waiting)).sort(), ['ECONNRESET', 'waited', 'waited']);
});

test('TLS: unfinished handshakes have their own share, and the oldest is closed', async (t) => {
  const subject = await start(t, 'https');
  const silent: Socket[] = [];
  for (let count = 0; count < 3; count += 1) silent.push(await openSilent(t, subject));
  await isClosed(silent[0] as Socket);
  assert.equal(await get('https', subject), 'hello');
  await isClosed(silent[1] as Socket);
  assert.equal(silent[2]?.destroyed, false);
});

test('TLS: a connection frees its place, however it ends', async (t) => {
  const subject = await start(t, 'https', { total: 4, ofOne: 4, handshakesOfOne: 4 });
  const secure = async () => {
    const options = { host: FIRST, port: subject.port, ca: authority.root, servername: 'localhost' };
    const socket = connectTls(options).on('error', () => {});
    t.after(() => void socket.destroy());
    await once(socket, 'secureConnect');
    return socket.resume();
  };
  const ends: Record<string, () => Promise<Socket>> = {
    'is not TLS': async () => {
      const socket = await openSilent(t, subject);
      socket.write('GET / HTTP/1.1\r\n\r\n');
      return socket;
    },
    'leaves in the handshake': async () => (await openSilent(t, subject)).end(),
    'resets in the handshake': async () => (await openSilent(t, subject)).resetAndDestroy(),
    'leaves after the handshake': async () => (await secure()).end(),
    'is not HTTP': async () => {
      const socket = await secure();
      socket.write('nonsense\r\n\r\n');
      return socket;
    },
    'leaves while its request is answered': async () => {
      const socket = await secure();
      socket.write('GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n');
      while (!subject.pending.delete('/wait')) await nextTurn();
      return socket.destroy();
    },
    'asks to close': async () => {
      const socket = await secure();
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      return socket;
    },
  };
  for (const [how, end] of Object.entries(ends)) {
    for (let count = 0; count < 6; count += 1) {
      const socket = await end();
      await isClosed(socket);
      assert.equal(await get('https', subject), 'hello', how);
    }
    assert.deepEqual(subject.reports, [], `a client that ${how} did not free its place`);
  }
});

// The gateway during changes: a worker dies, permissions and certificates change, the server drains. Running
// requests continue.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, describe, it } from 'node:test';
import type { DetailedPeerCertificate } from 'node:tls';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import type { RawConnection } from './support/raw-client.ts';
import { connectRaw } from './support/raw-client.ts';
import type { ServerUnderTest } from './support/server-under-test.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin, set: ['ca.serverLifetime=6s'] });
after(() => Promise.all([server.stop(), upstream.close()]));

function get(target: string, key: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n\r\n`;
}

/**
 * The kernel chooses which of two workers serves a new connection. So many connections certainly reach both.
 */
async function connectMany(server: ServerUnderTest, key: string, count = 16): Promise<RawConnection[]> {
  const clients: RawConnection[] = [];
  for (let index = 0; index < count; index += 1) {
    const client = await connectRaw(server);
    client.write(get('/first', key));
    assert.equal((await client.response()).status, 200);
    clients.push(client);
  }
  return clients;
}

describe('a worker that crashes', async () => {
  const startedAt = performance.now();
  const server = await startServer({
    upstream: upstream.origin,
    set: ['gateway.workers=2', 'log.level=silent'],
  });
  after(() => server.stop());
  // On a machine so busy that a whole server takes longer than that, a worker may take as long.
  const allowedMs = Math.max(1000, performance.now() - startedAt);

  it('loses only its own connections, and is replaced within a second', async () => {
    const { key } = await server.createKey(['admin']);
    const clients = await connectMany(server, key);
    const crashedAt = performance.now();
    await server.running.gateway.terminate(0);
    await eventually('the replacement', () =>
      server.running.gateway.workers().every(({ state }) => state === 'serving'),
    );
    const tookMs = performance.now() - crashedAt;
    assert.ok(tookMs < allowedMs, `it took ${Math.round(tookMs)} ms`);
    assert.deepEqual(
      server.running.gateway.workers().map(({ restarts }) => restarts),
      [1, 0],
    );
    await eventually('the connections of the dead one to end', () =>
      clients.some(({ socket }) => socket.destroyed),
    );
    const living = clients.filter(({ socket }) => !socket.destroyed);
    assert.ok(living.length > 0 && living.length < clients.length);
    for (const client of living) {
      client.write(get('/still', key));
      assert.equal((await client.response()).body.toString(), 'reached GET /still');
    }
    for (const client of await connectMany(server, key)) client.destroy();
    for (const client of living) client.destroy();
  });

  it('acts on changes that were made while it was replaced', async () => {
    const key = await server.createKey(['admin']);
    await Promise.all([
      server.running.gateway.terminate(0),
      server.running.gateway.terminate(1),
      server.admin('DELETE', `/admin/keys/${key.id}`),
    ]);
    const client = await eventually('a worker', () => connectRaw(server).catch(() => undefined));
    client.write(get('/revoked', key.key));
    assert.equal((await client.response()).status, 401);
    assert.deepEqual(upstream.saw('/revoked'), []);
    client.destroy();
  });
});

describe('changes apply at once', () => {
  it('a revoked key is refused on open connections from the answer to the revocation on', async () => {
    const key = await server.createKey(['admin']);
    const clients = await connectMany(server, key.key);
    await server.admin('DELETE', `/admin/keys/${key.id}`);
    for (const client of clients) {
      client.write(get('/after-revocation', key.key));
      assert.equal((await client.response()).status, 401);
      client.destroy();
    }
    assert.deepEqual(upstream.saw('/after-revocation'), []);
  });

  it('a new key is accepted from the answer to its creation on; an expired one is refused', async () => {
    const first = await server.createKey(['admin']);
    const clients = await connectMany(server, first.key);
    const second = await server.createKey(['admin'], 1);
    for (const client of clients) {
      client.write(get('/new-key', second.key));
      assert.equal((await client.response()).status, 200);
    }
    await eventually('the expiry', async () => {
      const answer = await ask({ ...server, path: '/expired-key', headers: { 'x-api-key': second.key } });
      return answer.status === 401;
    });
    for (const client of clients) client.destroy();
  });
});

describe('the server certificate', () => {
  it('is renewed while open connections continue; new connections get the new one', async () => {
    const { key } = await server.createKey(['admin']);
    const open = await connectRaw(server);
    const first = serial(open);
    const second = await eventually('another certificate', async () => {
      open.write(get('/while-renewing', key));
      assert.equal((await open.response()).status, 200);
      const client = await connectRaw(server);
      const presented = serial(client);
      client.destroy();
      return presented !== first && presented;
    });
    assert.match(String(second), /^[0-9A-F]+$/);
    open.write(get('/after-renewal', key));
    assert.equal((await open.response()).body.toString(), 'reached GET /after-renewal');
    assert.equal(open.socket.destroyed, false);
    open.destroy();
  });
});

describe('draining', { concurrency: true }, () => {
  it('finishes running answers, accepts nothing new, and ends within ten seconds', async () => {
    const server = await startServer({ upstream: upstream.origin, set: ['gateway.workers=2'] });
    const { key } = await server.createKey(['admin']);
    let finish = () => {};
    upstream.on('/under-way', (_request, response) => {
      response.write('begun, ');
      finish = () => void response.end('finished');
    });
    const idle = await connectMany(server, key, 4);
    const busy = await connectRaw(server);
    busy.write(get('/under-way', key));
    await eventually('the beginning', () => busy.received().includes('begun'));
    const startedAt = performance.now();
    const stopped = server.stop();
    await eventually('the refusal of new connections', () => refusesConnections(server.port));
    for (const client of idle) await client.ended();
    finish();
    assert.equal((await busy.response()).body.toString(), 'begun, finished');
    await stopped;
    assert.ok(performance.now() - startedAt < 10_000);
    busy.destroy();
  });

  it('ends requests that do not finish within the grace time', async () => {
    const server = await startServer({ upstream: upstream.origin, set: ['gateway.workers=1'] });
    const { key } = await server.createKey(['admin']);
    upstream.on('/endless', (_request, response) => void response.write('begun'));
    const client = await connectRaw(server);
    client.write(get('/endless', key));
    await eventually('the beginning', () => client.received().includes('begun'));
    const startedAt = performance.now();
    await server.stop();
    assert.ok(performance.now() - startedAt < 10_000);
    await client.ended();
  });
});

function serial({ socket }: RawConnection): string {
  return (socket.getPeerCertificate() as DetailedPeerCertificate).serialNumber ?? '';
}

function refusesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}

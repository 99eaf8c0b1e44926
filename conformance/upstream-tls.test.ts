// Upstreams over TLS, in front of real servers: accepted certificates (RFC 5280 §6, RFC 9525, pins), the
// gateway's own certificates, and changes of their files and of our own authority during requests.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { issue } from './support/certificates.ts';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import { startServer } from './support/server-under-test.ts';
import type { Identity } from './support/test-authority.ts';
import { createTestAuthority } from './support/test-authority.ts';
import type { Seen } from './support/tls-upstream.ts';
import { pinOf, serialOf, startTlsUpstream } from './support/tls-upstream.ts';
import type { TransportName } from './support/transports.ts';
import { onTransport, TRANSPORTS } from './support/transports.ts';

// On other systems, a test cannot replace the list of the system.
const onLinux = { skip: process.platform !== 'linux' && 'needs Linux' };
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-upstream-tls-'));
const authority = createTestAuthority();
const other = createTestAuthority();
const ofTheSystem = createTestAuthority();
const us = authority.client();
const ca = file('ca.pem', authority.root);
// Node reads them when they are first needed.
process.env.SSL_CERT_FILE = file('system.pem', ofTheSystem.root);
process.env.SSL_CERT_DIR = join(folder, 'none');

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const MUTUAL = { requestCert: true, ca: authority.root };
const localhost = authority.issue();
const otherName = authority.issue({ name: 'other.example' });
const ended = authority.issue({ days: [-30, -1] });
const [good, wrongName, expired, asking, publicly, socket] = await Promise.all([
  startTlsUpstream(localhost),
  startTlsUpstream(otherName),
  startTlsUpstream(ended),
  startTlsUpstream(authority.issue(), MUTUAL),
  startTlsUpstream(ofTheSystem.issue()),
  startSocketUpstream(join(folder, 'app.sock')),
]);
const worlds = await Promise.all(TRANSPORTS.map(startWorld));
after(async () => {
  await Promise.all(worlds.map(({ server }) => server.stop()));
  const changing = worlds.flatMap((world) => [world.changing, world.own]);
  const upstreams = [good, wrongName, expired, asking, publicly, ...changing];
  await Promise.all([...upstreams, socket].map((upstream) => upstream.close()));
  rmSync(folder, { recursive: true, force: true });
});

// Both run at once, because they wait for the checks of the files.
describe('upstreams over TLS', { concurrency: worlds.length }, () => {
  for (const world of worlds) {
    describe(`on transport ${world.transport}`, { concurrency: 1 }, () => testUpstreams(world));
  }
});

type World = Awaited<ReturnType<typeof startWorld>>;

function testUpstreams({ server, files, changing, own }: World): void {
  const agent = new Agent({ keepAlive: true });
  after(() => agent.destroy());
  let roots = server.ca;
  const call = (name: string) => ask({ ...server, ca: roots, path: `/${name}`, agent });
  const statusOf = async (name: string) => (await call(name)).status;
  const seen = async (name: string): Promise<Seen> => {
    const answer = await call(name);
    assert.equal(answer.status, 200, `${name}: ${answer.text()}`);
    return answer.json() as unknown as Seen;
  };
  const becomes = (status: number, name: string) =>
    eventually(`${name} to answer ${status}`, async () => (await statusOf(name)) === status);

  describe('accepted upstreams', () => {
    it('one whose certificate has a chain to a root of the file, under its name and under its address', async () => {
      assert.equal((await seen('by-file')).name, 'localhost');
      const { name } = await seen('by-address');
      // RFC 6066 §3: an address is not sent as a name.
      assert.equal(name, null);
    });

    it('one with the pinned key, with and without roots in the settings', async () => {
      for (const name of ['pinned', 'pinned-and-roots']) await seen(name);
    });

    it('one with the pinned key under another name or after its expiry, if the settings have no roots', async () => {
      for (const name of ['pinned-other-name', 'pinned-expired']) await seen(name);
      for (const name of ['wrong-name-and-pin', 'expired-and-pin']) assert.equal(await statusOf(name), 502);
    });

    it(
      'one whose certificate has a chain to a root of the system, if its settings name no roots',
      onLinux,
      async () => {
        for (const name of ['by-system', 'with-us-by-system']) await seen(name);
      },
    );

    it('one over a Unix socket, without TLS', async () => {
      assert.equal((await call('by-socket')).text(), 'GET /by-socket for localhost');
    });

    const refused = {
      'with another key than the pinned one': 'wrong-pin',
      'with the pinned key but from another root than those of the file': 'pinned-and-other-roots',
      'with a root that is not in the file': 'by-other-file',
      'with a root that is not one of the system': 'not-by-system',
      'with a certificate for another name (RFC 9525 §6)': 'wrong-name',
      'whose certificate has ended (RFC 5280 §4.1.2.5)': 'expired',
      'with a root of the system, if its settings name others': 'by-file-only',
    };
    for (const [which, name] of Object.entries(refused)) {
      it(`not one ${which}: 502, and it gets no request`, async () => {
        const answer = await call(name);
        assert.deepEqual([answer.status, answer.json().code], [502, 'upstream_failed']);
      });
    }
  });

  describe('the client certificate for an upstream', () => {
    it('is presented to an upstream that asks for it', async () => {
      assert.equal((await seen('with-us')).client, serialOf(us.cert));
    });

    it('is not presented by another upstream’s settings', async () => {
      assert.equal(await statusOf('without-us'), 502);
    });
  });

  describe('changes of an upstream’s files', () => {
    it('roots: the idle connection is not used again, and a running answer finishes', async () => {
      const first = await seen('changing');
      assert.equal((await seen('changing')).connection, first.connection);
      const release = holdAnswers(changing);
      const running = ask({ ...server, path: '/changing?held' });
      await release.begun;
      writeFileSync(files.ca, other.root);
      await becomes(502, 'changing');
      release.finish();
      assert.equal((await running).text(), 'begun and finished');
      changing.present(other.issue());
      assert.ok((await seen('changing')).connection > first.connection);
    });

    it('a client certificate: the upstream sees the new one, and bad files of another change nothing', async () => {
      writeFileSync(files.ca, 'half a certi');
      const renewed = authority.client();
      writeFileSync(files.certificate, renewed.cert);
      writeFileSync(files.key, renewed.key);
      const serial = serialOf(renewed.cert);
      // It is checked after the roots of the other upstream.
      await eventually('the new certificate', async () => (await seen('renewed')).client === serial);
      await seen('changing');
    });
  });

  describe('an upstream with a certificate of our own authority', () => {
    const presentOurs = async () => {
      const { cert, key } = await issue(server.data, 'localhost', { profile: 'server' });
      own.present({ cert, key });
    };

    it('is accepted, and one of another authority is not', async () => {
      assert.equal(await statusOf('own'), 502);
      await presentOurs();
      await seen('own');
    });

    it('is accepted after the intermediate was rotated, with a certificate of the old and of the new one', async () => {
      await server.admin('POST', '/admin/ca/rotate');
      own.endConnections();
      await seen('own');
      await presentOurs();
      own.endConnections();
      await seen('own');
    });

    it('is accepted at once after the root was replaced', async () => {
      const { request } = await server.admin('POST', '/admin/ca/request');
      const intermediate = other.signIntermediate(String(request));
      const imported = { intermediate, roots: other.root, destroyRootKey: true };
      await server.admin('POST', '/admin/ca/import', imported);
      roots = readFileSync(server.running.ready.rootCertificate, 'utf8');
      await presentOurs();
      own.endConnections();
      await seen('own');
    });
  });

  describe('after these requests', () => {
    it('no worker has died', () => {
      assert.ok(server.running.gateway.workers().every(({ restarts }) => restarts === 0));
    });
  });
}

async function startWorld(transport: TransportName) {
  const [changing, own] = await Promise.all([startTlsUpstream(localhost), startTlsUpstream(other.issue())]);
  const files = {
    ca: file(`${transport}-ca.pem`, authority.root),
    ...filesOf(`${transport}-us`, us),
  };
  const at = (upstream: { port: number }, host = 'localhost') => `https://${host}:${upstream.port}`;
  const pin = pinOf(localhost.cert);
  const otherRoots = file('other.pem', other.root);
  const known = filesOf('us', us);
  const upstreams = {
    'by-file': { url: at(good), ca },
    'by-address': { url: at(good, '127.0.0.1'), ca },
    pinned: { url: at(good), pin },
    'pinned-and-roots': { url: at(good), ca, pin },
    'by-system': at(publicly),
    'with-us-by-system': { url: at(publicly), ...known },
    'by-socket': `unix:${socket.path}`,
    'pinned-other-name': { url: at(wrongName), pin: pinOf(otherName.cert) },
    'pinned-expired': { url: at(expired), pin: pinOf(ended.cert) },
    'wrong-name-and-pin': { url: at(wrongName), ca, pin: pinOf(otherName.cert) },
    'expired-and-pin': { url: at(expired), ca, pin: pinOf(ended.cert) },
    'wrong-pin': { url: at(good), pin: pinOf(us.cert) },
    'pinned-and-other-roots': { url: at(good), ca: otherRoots, pin },
    'by-other-file': { url: at(good), ca: otherRoots },
    'not-by-system': at(good),
    'wrong-name': { url: at(wrongName), ca },
    expired: { url: at(expired), ca },
    'by-file-only': { url: at(publicly), ca },
    'with-us': { url: at(asking), ca, ...known },
    'without-us': { url: at(asking), ca },
    changing: { url: at(changing), ca: files.ca },
    renewed: { url: at(asking), ca, certificate: files.certificate, key: files.key },
    own: { url: at(own), ca: 'own' },
  };
  const routes = Object.keys(upstreams).map((name) => ({
    path: `/${name}`,
    upstream: name,
    access: 'public',
  }));
  const server = await startServer({
    upstream: at(good),
    set: [
      `gateway.upstreams=${JSON.stringify(upstreams)}`,
      `gateway.routes=${JSON.stringify(routes)}`,
      'gateway.workers=1',
      ...onTransport(transport),
    ],
  });
  return { transport, server, files, changing, own };
}

function filesOf(name: string, { cert, key }: Identity) {
  return { certificate: file(`${name}.pem`, cert), key: file(`${name}.key`, key) };
}

/** The next answer begins and then waits. */
function holdAnswers(upstream: Awaited<ReturnType<typeof startTlsUpstream>>) {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  upstream.answer = (_, response) => {
    upstream.answer = undefined;
    response.write('begun and ');
    begun.resolve();
    void end.promise.then(() => response.end('finished'));
  };
  return { begun: begun.promise, finish: () => end.resolve() };
}

async function startSocketUpstream(path: string) {
  const server = createServer(({ method, url, headers }, response) =>
    response.end(`${method} ${url} for ${headers.host}`),
  );
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

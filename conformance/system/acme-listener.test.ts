// Certificates for the gateway's own names from an ACME directory (RFC 8555, RFC 8737), here Debian's Pebble:
// ordered by each kind of challenge, renewed while requests run, and still used if the directory is down.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startAcmeServer } from '../support/acme-server.ts';
import { adminOf } from '../support/admin-api.ts';
import type { CertifiedGateway } from '../support/certified-gateway.ts';
import { requestTo, servedAnyhow, servedFor, startGateway, writeHook } from '../support/certified-gateway.ts';
import { eventually } from '../support/conditions.ts';
import type { DnsServer } from '../support/dns-server.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { ask } from '../support/https-client.ts';
import type { Pebble } from '../support/pebble.ts';
import { startPebble, withoutPebble } from '../support/pebble.ts';
import { freePorts } from '../support/ports.ts';
import type { TransportName } from '../support/transports.ts';
import { TRANSPORTS } from '../support/transports.ts';
import type { RecordingUpstream } from '../support/upstreams.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const KEY = Buffer.alloc(32, 7).toString('base64url');
// Renewed after 13 seconds. A busy machine has the other 7 seconds for the renewal.
const LIFETIME_SECONDS = 20;
const PAUSE_MS = 50;
const LONG_MS = 60_000;
/** The transport of http-01 and dns-01; tls-alpn-01 needs Node. */
const [FIRST = 'node']: readonly TransportName[] = TRANSPORTS;

interface View {
  state: string;
  notAfter: string | null;
  nextAttempt: string | null;
  problem: string | null;
}

describe('certificates from Pebble', { skip: withoutPebble, timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-acme-listener-'));
  const hook = writeHook(folder);
  let dns: DnsServer;
  let upstream: RecordingUpstream;
  let shortLived: Pebble;
  let bound: Pebble;
  let onBun: CertifiedGateway;
  let onNode: CertifiedGateway;
  let ports: number[];

  before(async () => {
    dns = await startDnsServer();
    upstream = await startRecordingUpstream();
    dns.zone.set('_acme-challenge.wild.example', () => hook.records('_acme-challenge.wild.example'));
    ports = await freePorts(4);
    const [bunPort = 0, nodePort = 0, httpPort = 0, otherHttpPort = 0] = ports;
    const places = { httpPort, tlsPort: nodePort, dns: dns.address };
    [shortLived, bound] = await Promise.all([
      startPebble({ ...places, lifetimeSeconds: LIFETIME_SECONDS, refusedNonces: 30 }),
      startPebble({ ...places, externalAccounts: { 'kid-1': KEY } }),
    ]);
    const common = { upstream: upstream.origin };
    [onBun, onNode] = await Promise.all([
      startGateway({ ...common, transport: FIRST, port: bunPort, httpPort, acme: [shop(), wild()] }),
      startGateway({ ...common, transport: 'node', port: nodePort, httpPort: otherHttpPort, acme: [alpn()] }),
    ]);
  });
  after(async () => {
    dns?.close();
    await Promise.all([onBun?.stop(), onNode?.stop(), shortLived?.stop(), bound?.stop(), upstream?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const from = ({ directory, trust }: Pebble) => ({ directory, trust });
  const shop = () => ({
    ...from(shortLived),
    names: ['shop.example', 'www.shop.example'],
    challenge: 'http-01',
  });
  const wild = () => ({
    ...from(bound),
    names: ['wild.example', '*.wild.example'],
    challenge: 'dns-01',
    hook: hook.path,
    eab: { keyId: 'kid-1', hmacKeyFile: join(folder, 'eab.key') },
  });
  const alpn = () => ({ ...from(shortLived), names: ['alpn.example'], challenge: 'tls-alpn-01' });
  const places = (gateway: CertifiedGateway, pebble: Pebble) => ({ port: gateway.port, root: pebble.root });
  const served = (name: string, gateway: CertifiedGateway, pebble: Pebble) =>
    eventually(
      `a certificate for ${name}`,
      () => servedFor(name, places(gateway, pebble)).catch(notYet),
      LONG_MS,
    );
  const views = async (gateway: CertifiedGateway) =>
    (await adminOf(gateway.server.data)('GET', '/admin/status')).listenerCertificates as unknown as Record<
      string,
      View
    >;

  it('serves the certificate of our own authority for the name until there is another', async () => {
    // Without its key file, this one fails.
    const { issuer } = await servedFor('wild.example', { port: onBun.port, root: onBun.server.ca });
    assert.match(issuer, /Gatehouse/);
    const failing = await eventually('a failure', () => failingView('wild.example', onBun));
    assert.match(
      failing.problem ?? '',
      /eab\.key \(eab\.hmacKeyFile\) cannot be read: there is no such file/,
    );
    assert.equal(failing.notAfter, null);
  });

  it('orders by http-01 over plain HTTP (RFC 8555 §8.3), with some nonces refused (§6.5)', async () => {
    const { names } = await served('www.shop.example', onBun, shortLived);
    assert.equal(names, 'DNS:shop.example, DNS:www.shop.example');
  });

  it('orders by tls-alpn-01 on the listener of the gateway (RFC 8737 §3)', async () => {
    const { names } = await served('alpn.example', onNode, shortLived);
    assert.equal(names, 'DNS:alpn.example');
  });

  it('orders by dns-01 with a hook, and with an external account (RFC 8555 §7.3.4, §8.4)', async () => {
    writeFileSync(join(folder, 'eab.key'), `${KEY}\n`);
    // The reload tries again at once.
    await onBun.server.json('config', 'reload');
    const { names } = await served('a.wild.example', onBun, bound);
    assert.match(names, /DNS:\*\.wild\.example/);
    assert.deepEqual(hook.records('_acme-challenge.wild.example'), {}, 'the record was removed');
  });

  it('redirects to https over plain HTTP, and answers nothing else', async () => {
    const port = ports[2] ?? 0;
    const asked = (path: string, host: string, method = 'GET') => askPlain(port, { path, host, method });
    const { status, location } = await asked('/a?b', 'shop.example');
    assert.deepEqual([status, location], [308, `https://shop.example:${onBun.port}/a?b`]);
    assert.equal((await asked('/', 'stranger.example')).status, 404);
    assert.equal((await asked('/', 'shop.example', 'POST')).status, 404);
    assert.equal((await asked('/.well-known/acme-challenge/unknown', 'shop.example')).status, 404);
  });

  it('renews while requests run, on both transports, and none of them fails', {
    timeout: 90_000,
  }, async () => {
    const worlds = [
      { name: 'shop.example', gateway: onBun },
      { name: 'alpn.example', gateway: onNode },
    ];
    await Promise.all(worlds.map(renewsUnderLoad));
  });

  async function renewsUnderLoad({
    name,
    gateway,
  }: {
    name: string;
    gateway: CertifiedGateway;
  }): Promise<void> {
    const where = places(gateway, shortLived);
    const { serial: first } = await served(name, gateway, shortLived);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const until = performance.now() + LONG_MS;
    for (let newest = first; newest === first; ) {
      assert.ok(performance.now() < until, `${name} was not renewed`);
      const [fresh, open] = await Promise.all([requestTo(name, where), requestTo(name, where, agent)]);
      assert.deepEqual([fresh.status, open.status], [200, 200]);
      assert.equal(open.serial, first, 'the open connection goes on');
      newest = fresh.serial;
      await delay(PAUSE_MS);
    }
    agent.destroy();
  }

  it('shows each certificate in the metrics and the ledger', async () => {
    const { controlPort, ca } = onBun.server;
    const text = (await ask({ port: controlPort, ca, path: '/metrics' })).text();
    assert.match(
      text,
      /^gatehouse_certificate_file_not_after_seconds\{names="shop\.example,www\.shop\.example"\} \d+/m,
    );
    assert.match(text, /^gatehouse_acme_client_orders_total\{result="obtained"\} [1-9]/m);
    const entries = await onBun.server.json<{ type: string; subject: string }[]>(
      'audit',
      'tail',
      '--type',
      'acme-client',
    );
    const types = entries.map(({ type, subject }) => `${type} ${subject}`);
    assert.ok(types.includes('acme-client.certificate_obtained shop.example'), types.join());
    assert.ok(types.includes('acme-client.order_failed wild.example'), types.join());
  });

  it('orders after a reload, and renews when our own directory suggests it (RFC 9773)', async () => {
    const [, , , httpPort] = ports;
    const ours = await startAcmeServer([`acme.httpPort=${httpPort}`, 'ca.profiles.server.lifetime=24h']);
    try {
      const { directory, rootFile: trust } = ours;
      // Without the suggestion of the server, it would be renewed only in the last of its 24 hours.
      const wanted = { directory, trust, names: ['ours.example'], challenge: 'http-01', renewBefore: '1h' };
      onNode.configure([alpn(), wanted]);
      await onNode.server.json('config', 'reload');
      const { issuer } = await eventually('our certificate', () =>
        servedFor('ours.example', { port: onNode.port, root: ours.server.ca }).catch(() => undefined),
      );
      assert.match(issuer, /Gatehouse/);
      const hours = await eventually('the suggestion', async () => {
        const until = Date.parse((await views(onNode))['ours.example']?.nextAttempt ?? '') - Date.now();
        return until / 3_600_000 < 20.1 ? until / 3_600_000 : undefined;
      });
      assert.ok(hours > 15.9, `renewal in ${hours} hours`);
      onNode.configure([alpn()]);
      await onNode.server.json('config', 'reload');
      assert.deepEqual(Object.keys(await views(onNode)), ['alpn.example']);
      await assert.rejects(servedFor('ours.example', { port: onNode.port, root: ours.server.ca }));
    } finally {
      await ours.stop();
    }
  });

  it('serves the last certificate and tries again later if the directory is down', async () => {
    await Promise.all([shortLived.end(), bound.end()]);
    const failing = await eventually('a failure', async () => failingView('alpn.example', onNode), LONG_MS);
    assert.match(failing.problem ?? '', /cannot be reached: nothing listens there/);
    const pause = Date.parse(failing.nextAttempt ?? '') - Date.now();
    assert.ok(pause > 30_000 && pause < 90_000, `${pause} ms until the next attempt`);
    const { issuer } = await servedAnyhow('alpn.example', onNode.port);
    assert.match(issuer, /Pebble/);
    assert.match(onNode.server.stderr(), /"event":"gateway\.acme_not_renewed"/);
  });

  it('needs no directory and no new order for a restart', async () => {
    const { serial } = await servedFor('wild.example', places(onBun, bound));
    await onBun.server.stop();
    const [port = 0, , httpPort = 0] = ports;
    const acme = [shop(), wild()];
    const more = { transport: FIRST, upstream: upstream.origin, folder: onBun.folder } as const;
    onBun = await startGateway({ ...more, port, httpPort, acme });
    assert.equal((await servedFor('wild.example', places(onBun, bound))).serial, serial);
    assert.match((await servedAnyhow('shop.example', onBun.port)).issuer, /Pebble/);
    assert.equal((await views(onBun))['wild.example']?.state, 'valid');
  });

  async function failingView(name: string, gateway: CertifiedGateway): Promise<View | undefined> {
    const view = (await views(gateway))[name];
    return view?.state === 'failing' ? view : notYet();
  }
});

/** For steps that take seconds, without a hundred attempts in each. */
async function notYet(): Promise<undefined> {
  await delay(PAUSE_MS * 4);
}

/** Over plain HTTP. */
function askPlain(
  port: number,
  { path, host, method }: { path: string; host: string; method: string },
): Promise<{ status: number | undefined; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${host}:${port}` };
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode, location: answer.headers.location });
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

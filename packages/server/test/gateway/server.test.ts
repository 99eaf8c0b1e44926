// The gateway's server with client certificates, over real TLS: which clients are admitted, which reasons the
// others get, what session resumption preserves, and that a revocation ends running requests.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Agent } from 'node:https';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { AssertionSource, GatewaySections, TokenTrust } from '@gatehouse/access';
import {
  compileSnapshot,
  createAdmission,
  generateApiKey,
  hashSecret,
  packHash,
  systemClock,
} from '@gatehouse/access';
import { serverProfile } from '@gatehouse/x509';
import { decodeJwt } from 'jose';
import { assertionKeySet } from '../../src/gateway/assertion-key-set.ts';
import { resolveRoutes } from '../../src/gateway/configured-routes.ts';
import { createForwarder } from '../../src/gateway/forward.ts';
import { createGatewayServer } from '../../src/gateway/server.ts';
import type { GatewaySettings } from '../../src/gateway/settings.ts';
import { createUpstreamClient } from '../../src/gateway/upstream.ts';
import type { ClientAuthentication } from '../../src/platform/tls.ts';
import { resolveTlsSettings } from '../../src/platform/tls-settings.ts';
import type { TestClient } from '../support/certificates.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import type { Scope } from '../support/temporary-folder.ts';

const ROBOT = 'urn:gatehouse:service:robot';
const authority = createTestAuthority();
const stranger = createTestAuthority();
const identity = authority.issue();
const robot = authority.issueClient({ uris: [ROBOT] });
const key = generateApiKey();
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const assertionPem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const { kid } = await assertionKeySet(assertionPem);

const TIMEOUTS = { handshake: 5, headers: 5, body: 5, idle: 5, connect: 5, firstByte: 5, stall: 5 };
const SETTINGS: Omit<GatewaySettings, 'clientCertificates'> = {
  listen: { host: '127.0.0.1', port: 0 },
  timeouts: TIMEOUTS,
  minBodyBytesPerSecond: 0,
  maxHeaderBytes: 16_384,
  maxHeaders: 100,
  maxConnections: 100,
  transport: 'auto',
  tls: resolveTlsSettings({}),
  accessLog: 'none',
};

/** The upstream's answer: what it received about the caller. */
type Seen = Record<string, unknown>;

/** Answers with what it received. `/slow` never ends, and an upgrade is accepted. */
async function startUpstream(scope: Scope) {
  const upstream = createServer((incoming, response) => {
    if (incoming.url === '/slow') {
      response.write('begun');
      return;
    }
    const assertion = incoming.headers['gatehouse-assertion'];
    response.end(JSON.stringify(typeof assertion === 'string' ? decodeJwt(assertion) : {}));
  });
  upstream.on('upgrade', (_request, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.resume();
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  scope.after(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  return `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
}

/** An inventory that has every certificate. Those given are revoked. */
function inventory(...revoked: string[]): GatewaySections['certificates'] {
  const every = new Map<string, { isRevoked: boolean }>();
  every.has = () => true;
  every.get = (serialNumber) => ({ isRevoked: revoked.includes(serialNumber) });
  return every;
}

interface Changes {
  certificates?: GatewaySections['certificates'];
  keys?: GatewaySections['keys'];
  users?: GatewaySections['users'];
  services?: GatewaySections['services'];
}

async function startGateway(scope: Scope, clientCertificates: ClientAuthentication = 'request') {
  const upstream = await startUpstream(scope);
  const routing = resolveRoutes(
    [
      { path: '/open', access: 'public' },
      { path: '/certified', access: 'authenticated', accept: ['mtls'] },
      { path: '/*', access: 'authenticated' },
    ],
    { upstream, upstreams: {}, maxBodyBytes: 1000 },
  );
  const tls = { ...identity, clientRoots: authority.root };
  const sections: GatewaySections = {
    routes: new Map(routing.routes.map((route) => [route.id, route])),
    policy: routing.rules,
    users: new Map(),
    keys: new Map([
      [
        key.id,
        { name: 'other', roles: ['user'], secretHash: packHash(hashSecret(key.secret)), expiresAt: null },
      ],
    ]),
    services: new Map([['robot', { roles: ['user'] }]]),
    issuers: new Map([[authority.keyId, { spki: authority.spki, isRevoked: false }]]),
    certificates: inventory(),
    trust: new Map<string, TokenTrust | AssertionSource>([
      ['tokens', { jwks: { keys: [] }, issuer: 'https://localhost:9443', audience: 'https://localhost' }],
      ['assertion', { privateKey: assertionPem, kid, issuer: 'https://localhost:9443' }],
    ]),
    upstreams: new Map(),
    tls: new Map([['default', tls]]),
  };
  const compiled = (changes: Changes = {}) => compileSnapshot({ ...sections, ...changes }, systemClock);
  let snapshot = compiled();
  const settings = { ...SETTINGS, clientCertificates };
  const { log, lines } = createMemoryLog();
  const reasons: (string | undefined)[] = [];
  const client = createUpstreamClient(TIMEOUTS);
  const gateway = createGatewayServer(
    {
      admission: createAdmission({ record: async () => {} }, systemClock.now),
      forwarder: createForwarder({ upstream: client, bodyPassed: () => {} }, settings),
      accessLog: {
        write: (exchange) => void reasons.push(exchange.reason),
        writeMalformed() {},
        reopen() {},
        flush() {},
      },
      log,
      snapshot: () => snapshot,
    },
    settings,
    tls,
  );
  const { server } = gateway;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(async () => {
    server.closeAllConnections();
    server.close();
    await client.close();
  });
  const { port } = server.address() as AddressInfo;
  const tlsTo = (options: ConnectionOptions = {}): TLSSocket =>
    connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.root, ...options });
  return {
    port,
    tlsTo,
    lines,
    reasons,
    /** Puts another snapshot in force. */
    change(changes: Changes) {
      snapshot = compiled(changes);
      gateway.endRevoked();
    },
    async ask(
      path: string,
      options: { headers?: Record<string, string>; agent?: Agent } & Partial<TestClient> = {},
    ) {
      const asked = request({
        host: '127.0.0.1',
        port,
        path,
        servername: 'localhost',
        ca: authority.root,
        agent: false,
        ...options,
      });
      asked.end();
      const [answer] = await once(asked, 'response');
      const body = JSON.parse(await text(answer)) as Seen;
      return { status: answer.statusCode as number, headers: answer.headers, body };
    },
  };
}

/**
 * Sends a request whose answer does not end, and waits until the answer has begun. `closed` resolves when the
 * connection is gone.
 */
async function begin(socket: TLSSocket, lines: string[]): Promise<{ closed: Promise<unknown> }> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  socket.write(`${lines.join('\r\n')}\r\nHost: localhost\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  assert.match(head.toString('latin1'), /^HTTP\/1\.1 (200|101) /);
  socket.resume();
  return { closed };
}

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

test('a client certificate identifies the caller, and the assertion names the certificate (RFC 8705 §3.1)', async (t) => {
  const { ask } = await startGateway(t);
  const { status, body } = await ask('/certified', robot);
  assert.equal(status, 200);
  assert.deepEqual([body.sub, body.roles, body.amr], ['robot', ['user'], ['swk']]);
  assert.match(String((body.cnf as Seen)['x5t#S256']), /^[\w-]{43}$/);
});

test('without a certificate, everything works that does not need one', async (t) => {
  const { ask } = await startGateway(t);
  assert.equal((await ask('/open')).status, 200);
  assert.equal((await ask('/', { headers: { 'x-api-key': key.text } })).body.sub, 'other');
  const refused = await ask('/certified');
  assert.deepEqual([refused.status, refused.body.code], [401, 'unauthenticated']);
  assert.match(String(refused.body.detail), /client certificate/);
  assert.equal(refused.headers['www-authenticate'], 'ClientCertificate realm="gatehouse"');
  assert.equal((await ask('/certified', { headers: { 'x-api-key': key.text } })).status, 401);
});

const wrong: Record<string, [TestClient, RegExp]> = {
  'of an unknown authority': [stranger.issueClient({ uris: [ROBOT] }), /not issued here/],
  expired: [authority.issueClient({ uris: [ROBOT], notAfter: new Date(Date.now() - 60_000) }), /has expired/],
  'not yet valid': [
    authority.issueClient({ uris: [ROBOT], notBefore: new Date(Date.now() + 3_600_000) }),
    /not valid yet/,
  ],
  'for servers': [
    authority.issueClient({
      uris: [ROBOT],
      profile: { ...serverProfile(), extendedKeyUsage: ['codeSigning'] },
    }),
    /not for clients/,
  ],
  'without an owner': [authority.issueClient({ uris: ['urn:other:robot'] }), /does not name one owner/],
  'of two owners': [
    authority.issueClient({ uris: [ROBOT, 'urn:gatehouse:service:other'] }),
    /does not name one owner/,
  ],
};

for (const [what, [certificate, reason]] of Object.entries(wrong)) {
  test(`a certificate ${what} is refused with the reason in the answer and in the log, and the server goes on`, async (t) => {
    const { ask, lines } = await startGateway(t);
    const refused = await ask('/certified', certificate);
    assert.deepEqual([refused.status, refused.body.code], [401, 'client_certificate_invalid']);
    assert.match(String(refused.body.detail), reason);
    const logged = lines().find(({ msg }) => msg === 'client certificate refused');
    assert.match(String(logged?.reason), reason);
    assert.equal(logged?.address, '127.0.0.1');
    assert.equal((await ask('/open', certificate)).status, 200);
    assert.equal((await ask('/', { ...certificate, headers: { 'x-api-key': key.text } })).status, 200);
    assert.equal((await ask('/certified', robot)).status, 200);
  });
}

test('when the handshake requires a certificate, it fails without a valid one, and the log has the reason and the address', async (t) => {
  const { ask, lines } = await startGateway(t, 'require');
  await assert.rejects(ask('/open'), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' });
  await assert.rejects(ask('/open', wrong.expired?.[0]));
  await assert.rejects(ask('/open', stranger.issueClient({ uris: [ROBOT] })));
  assert.deepEqual(
    lines().map(({ reason, address }) => [reason, address]),
    [
      ['No client certificate was presented.', '127.0.0.1'],
      ['The client certificate, or one above it, has expired: get a new one.', '127.0.0.1'],
      ['The client certificate was not issued here.', '127.0.0.1'],
    ],
  );
  assert.equal((await ask('/open', robot)).status, 200);
});

test('a resumed session has its certificate, and is refused when that is revoked (RFC 8446 §4.6.1)', async (t) => {
  const { tlsTo, change } = await startGateway(t);
  const get = async (options: ConnectionOptions) => {
    const socket = tlsTo(options);
    let session: Buffer | undefined;
    socket.on('session', (ticket) => {
      session = ticket;
    });
    await once(socket, 'secureConnect');
    const resumed = socket.isSessionReused();
    socket.write('GET /certified HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const answer = await text(socket);
    return { status: Number(answer.slice(9, 12)), answer, session, resumed };
  };
  const first = await get(robot);
  assert.equal(first.status, 200);
  const again = await get({ session: first.session as Buffer });
  assert.deepEqual([again.resumed, again.status], [true, 200]);
  change({ certificates: inventory(robot.serialNumber) });
  const refused = await get({ session: first.session as Buffer });
  assert.deepEqual([refused.resumed, refused.status], [true, 401]);
  assert.match(refused.answer, /client certificate was revoked/);
});

test('a certificate whose owner was removed is refused, with the reason', async (t) => {
  const { ask, change } = await startGateway(t);
  change({ services: new Map() });
  const { status, body } = await ask('/certified', robot);
  assert.deepEqual([status, body.code], [401, 'client_certificate_invalid']);
  assert.match(String(body.detail), /service that was removed/);
});

const ends: Record<string, { caller: () => [ConnectionOptions, string[]]; change: Changes }> = {
  'a certificate': { caller: () => [robot, []], change: { certificates: inventory(robot.serialNumber) } },
  'the service of a certificate': { caller: () => [robot, []], change: { services: new Map() } },
  'an API key': { caller: () => [{}, [`X-API-Key: ${key.text}`]], change: { keys: new Map() } },
};

for (const [what, { caller, change }] of Object.entries(ends)) {
  test(`revoking ${what} ends its running requests and tunnels, and no others`, async (t) => {
    const gateway = await startGateway(t);
    const [options, fields] = caller();
    const slow = await begin(gateway.tlsTo(options), ['GET /slow HTTP/1.1', ...fields]);
    const tunnel = await begin(gateway.tlsTo(options), ['GET /ws HTTP/1.1', ...fields, ...UPGRADE]);
    const another = gateway.tlsTo(authority.issueClient({ uris: [ROBOT] }));
    const unaffected = what === 'a certificate' && (await begin(another, ['GET /slow HTTP/1.1']));
    if (!unaffected) another.destroy();
    gateway.change(change);
    await Promise.all([slow.closed, tunnel.closed]);
    assert.equal(gateway.reasons.filter((reason) => reason === 'the credential was revoked').length, 2);
    if (unaffected) assert.equal(another.destroyed, false);
    another.destroy();
  });
}

test('revoking a certificate ends its idle connections', async (t) => {
  const { tlsTo, change } = await startGateway(t);
  const socket = tlsTo(robot);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  socket.write('GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  socket.resume();
  change({ certificates: inventory(robot.serialNumber) });
  await closed;
});

test('a change that revokes nothing ends nothing', async (t) => {
  const { tlsTo, change } = await startGateway(t);
  const socket = tlsTo(robot);
  await begin(socket, ['GET /slow HTTP/1.1']);
  change({ certificates: inventory('0123'), keys: new Map() });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(socket.destroyed, false);
  socket.destroy();
});

// The gateway of a process: the certificates of its listener, changes of sections, and its end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { GatewayRoute } from '@gatehouse/access';
import { createEncryptedSessions } from '@gatehouse/protocol';
import { createRequestClock } from '../src/admission/request-clock.ts';
import { createCounts } from '../src/counts/counts.ts';
import type { AccessMembers } from '../src/exchange/access-record.ts';
import { createGateway } from '../src/gateway.ts';
import type { DataPlaneSettings } from '../src/settings.ts';
import type { ListenOptions, ServerTls, Transport } from '../src/transport/transport.ts';
import { listenPlain, plainTransport } from './support/net-transport.ts';
import { rawUpstream } from './support/raw-upstream.ts';
import { membersOf } from './support/records.ts';
import type { Contents } from './support/sections.ts';
import { ROBOT, RUNNING, sectionsWith } from './support/sections.ts';

const SETTINGS: DataPlaneSettings = {
  listen: { host: '127.0.0.1', port: 0 },
  reusePort: true,
  host: 'localhost',
  handshakeSeconds: 3,
  tls: {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    suites: ['a suite'],
    groups: ['a group'],
    keyLog: 'keys',
  },
};
const OWN = {
  privateKey: 'our key',
  certificateChain: 'our chain',
  ticketKeys: Uint8Array.of(1),
  clientRoots: 'roots of clients',
  ocspResponse: Uint8Array.of(2),
};
const SHOP = {
  names: ['shop.example'],
  privateKey: 'key of the shop',
  certificateChain: 'chain of the shop',
};
const CHALLENGE = { ...SHOP, privateKey: 'key of the challenge', protocol: 'acme-tls/1' } as const;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

interface SetUp {
  route?: Partial<GatewayRoute>;
  contents?: Contents;
  descriptors?: number;
}

/** A gateway over plain TCP, with the options of its listener and all later certificates. */
async function setUp(
  t: TestContext,
  { route = {}, contents = {}, descriptors = Number.POSITIVE_INFINITY }: SetUp = {},
) {
  const sections = sectionsWith([{ path: '/*', ...route }], { tls: [['default', OWN]], ...contents });
  let options: ListenOptions | undefined;
  let stops = 0;
  const presented: ServerTls[] = [];
  const limits: number[] = [];
  const transport: Transport = {
    name: 'node',
    connect: plainTransport.connect,
    async listen(given, accept) {
      options = given;
      const { port, server } = await listenPlain(accept);
      t.after(() => server.close());
      return {
        port,
        present: async (tls) => void presented.push(tls),
        limit: (maxConnections) => void limits.push(maxConnections),
        stop() {
          stops += 1;
          server.close();
        },
      };
    },
  };
  const records: AccessMembers[] = [];
  const logged: [event: string, facts: object | undefined][] = [];
  const gateway = createGateway(
    {
      transport,
      copies: sections.copies,
      clock: createRequestClock(),
      facts: { record: async () => {} },
      claims: { claim: async () => 'first' },
      accessLog: { write: (record) => void records.push(membersOf(record)) },
      log: { event: (event, facts) => void logged.push([event, facts]) },
      counts: createCounts(),
      descriptors,
      sessions: createEncryptedSessions(Date.now),
      handshake() {},
    },
    SETTINGS,
  );
  const port = await gateway.listen();
  t.after(() => gateway.drain(0));
  return {
    ...sections,
    gateway,
    port,
    options: options as unknown as ListenOptions,
    presented,
    limits,
    logged,
    records,
    stops: () => stops,
  };
}

/** A connection that sends requests and collects the received octets. */
function dial(t: TestContext, port: number) {
  const socket = connect({ host: '127.0.0.1', port });
  t.after(() => void socket.destroy());
  socket.setEncoding('latin1').on('error', () => {});
  return {
    socket,
    send: (fields = '') => socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`),
    async read(): Promise<string> {
      const [text] = await once(socket, 'data');
      return text as string;
    },
  };
}

const identitiesOf = ({ identities }: ServerTls) =>
  identities.map(({ names, privateKey }) => [names, privateKey]);

test('listens with its settings, and presents our certificate first, then those with names', async (t) => {
  const { options } = await setUp(t, {
    contents: {
      tls: [
        ['gateway.certificates.0', SHOP],
        ['acme-challenge.shop.example', CHALLENGE],
        ['default', OWN],
      ],
    },
  });
  const { tls, handshake: _, ...limits } = options;
  assert.deepEqual(limits, {
    host: '127.0.0.1',
    port: 0,
    reusePort: true,
    maxConnections: 7,
    handshakeSeconds: 3,
  });
  const { identities, ...others } = tls;
  assert.deepEqual(identitiesOf(tls), [
    [[], 'our key'],
    [['shop.example'], 'key of the shop'],
  ]);
  assert.deepEqual(identities[0]?.ocspResponse, OWN.ocspResponse);
  assert.deepEqual(others, {
    ...SETTINGS.tls,
    challenges: [CHALLENGE],
    clients: 'request',
    clientRoots: 'roots of clients',
    ticketKeys: OWN.ticketKeys,
  });
});

test('presents new certificates only when they have changed', async (t) => {
  const { gateway, presented, put, remove } = await setUp(t);
  put('users', 'alice', { roles: [], disabled: false, tokenEpoch: 1 });
  await gateway.sectionsChanged();
  assert.equal(presented.length, 0);
  put('tls', 'gateway.certificates.0', SHOP);
  await gateway.sectionsChanged();
  put('tls', 'default', { ...OWN, privateKey: 'our new key' });
  await gateway.sectionsChanged();
  remove('tls', 'gateway.certificates.0');
  await gateway.sectionsChanged();
  assert.deepEqual(presented.map(identitiesOf), [
    [
      [[], 'our key'],
      [['shop.example'], 'key of the shop'],
    ],
    [
      [[], 'our new key'],
      [['shop.example'], 'key of the shop'],
    ],
    [[[], 'our new key']],
  ]);
});

test('applies changed limits to the listener without losing a connection', async (t) => {
  const upstream = await rawUpstream(t, (socket) => void socket.write(OK));
  const { gateway, port, put, limits, presented } = await setUp(t, {
    route: { upstream: `http://127.0.0.1:${upstream.port}` },
  });
  const client = dial(t, port);
  client.send('A: 1\r\nB: 2\r\n');
  assert.match(await client.read(), /^HTTP\/1\.1 200 /);
  put('settings', 'default', { ...RUNNING, maxHeaders: 2, maxConnections: 9 });
  await gateway.sectionsChanged();
  assert.deepEqual(limits, [9]);
  assert.equal(presented.length, 0);
  client.send('A: 1\r\n');
  assert.match(await client.read(), /^HTTP\/1\.1 200 /);
  const another = dial(t, port);
  another.send('A: 1\r\nB: 2\r\n');
  assert.match(await another.read(), /^HTTP\/1\.1 431 /);
  await gateway.sectionsChanged();
  assert.deepEqual(limits, [9]);
});

test('accepts fewer clients if the system allows few descriptors, so that upstreams can be reached, and logs it', async (t) => {
  const settings = { ...RUNNING, maxConnections: 10_000 };
  const contents: Contents = { settings: [['default', settings]] };
  const { gateway, put, limits, logged, options } = await setUp(t, { contents, descriptors: 1024 });
  assert.equal(options.maxConnections, 704);
  const facts = { maxConnections: 10_000, connections: 704, descriptors: 1024 };
  assert.deepEqual(logged, [['gateway.connections_limited', facts]]);
  put('settings', 'default', { ...settings, maxConnections: 9 });
  await gateway.sectionsChanged();
  assert.deepEqual(limits, [9]);
  assert.equal(logged.length, 1);
  const { options: many } = await setUp(t, { contents, descriptors: 20_000 });
  assert.equal(many.maxConnections, 10_000);
});

test('asks for client certificates after a change of that setting', async (t) => {
  const { gateway, put, presented } = await setUp(t);
  put('settings', 'default', { ...RUNNING, clientCertificates: 'require' });
  await gateway.sectionsChanged();
  assert.deepEqual(
    presented.map(({ clients }) => clients),
    ['require'],
  );
});

test('opens a new connection to an upstream after a change of the time limit', async (t) => {
  const upstream = await rawUpstream(t, (socket) => void socket.write(OK));
  const { gateway, port, put } = await setUp(t, {
    route: { upstream: `http://127.0.0.1:${upstream.port}` },
  });
  const client = dial(t, port);
  client.send();
  await client.read();
  put('settings', 'default', { ...RUNNING, timeouts: { ...RUNNING.timeouts, connect: 9 } });
  await gateway.sectionsChanged();
  client.send();
  await client.read();
  assert.equal(upstream.sockets.length, 2);
});

test('opens a new connection to an upstream only when its trust has changed', async (t) => {
  const upstream = await rawUpstream(t, (socket) => void socket.write(OK));
  const trust = (ca: string) => ({ ca, pin: undefined, certificate: undefined, privateKey: undefined });
  const { gateway, port, put } = await setUp(t, {
    route: { upstream: `https://127.0.0.1:${upstream.port}`, upstreamTls: 'pay' },
    contents: { upstreams: [['pay', trust('old roots')]] },
  });
  const client = dial(t, port);
  const ask = async () => {
    client.send();
    assert.match(await client.read(), /^HTTP\/1\.1 200 /);
  };
  await ask();
  put('upstreams', 'other', trust('others'));
  await gateway.sectionsChanged();
  await ask();
  assert.equal(upstream.sockets.length, 1);
  const closed = once(upstream.sockets[0] as Socket, 'end');
  put('upstreams', 'pay', trust('new roots'));
  await gateway.sectionsChanged();
  await closed;
  await ask();
  assert.equal(upstream.sockets.length, 2);
});

test('ends a running request when its key is removed', async (t) => {
  const asked = Promise.withResolvers<void>();
  const upstream = await rawUpstream(t, () => asked.resolve());
  const { gateway, port, records, remove } = await setUp(t, {
    route: { upstream: `http://127.0.0.1:${upstream.port}`, access: 'authenticated' },
  });
  const { send, socket } = dial(t, port);
  send(`X-API-Key: ${ROBOT.key}\r\n`);
  await asked.promise;
  const over = once(socket.resume(), 'end');
  remove('keys', ROBOT.id);
  await gateway.sectionsChanged();
  await over;
  assert.deepEqual(
    records.map(({ principal, reason }) => [principal, reason]),
    [['robot', 'the credential was revoked']],
  );
});

test('drains: stops listening, lets a running request finish, and then resolves', async (t) => {
  const asked = Promise.withResolvers<Socket>();
  const upstream = await rawUpstream(t, (socket) => asked.resolve(socket));
  const { gateway, port, stops } = await setUp(t, {
    route: { upstream: `http://127.0.0.1:${upstream.port}` },
  });
  const idle = dial(t, port);
  const running = dial(t, port);
  running.send();
  const answering = await asked.promise;
  const idleOver = once(idle.socket.resume(), 'end');
  const drained = gateway.drain(30);
  assert.equal(stops(), 1);
  await idleOver;
  answering.write(OK);
  assert.match(await running.read(), /^HTTP\/1\.1 200 .*connection: close/is);
  await drained;
});

test('drains: ends running requests after the grace time', async (t) => {
  const asked = Promise.withResolvers<void>();
  const upstream = await rawUpstream(t, () => asked.resolve());
  const { gateway, port } = await setUp(t, { route: { upstream: `http://127.0.0.1:${upstream.port}` } });
  const { send, socket } = dial(t, port);
  send();
  await asked.promise;
  const over = once(socket.resume(), 'close');
  await gateway.drain(0);
  await over;
});

test('reports an error of the listener unchanged', async () => {
  const { copies } = sectionsWith([{ path: '/*' }], { tls: [['default', OWN]] });
  const inUse = Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
  const gateway = createGateway(
    {
      transport: { name: 'node', connect: plainTransport.connect, listen: () => Promise.reject(inUse) },
      copies,
      clock: createRequestClock(),
      facts: { record: async () => {} },
      claims: { claim: async () => 'first' },
      accessLog: { write() {} },
      log: { event() {} },
      counts: createCounts(),
      descriptors: Number.POSITIVE_INFINITY,
      sessions: createEncryptedSessions(Date.now),
      handshake() {},
    },
    SETTINGS,
  );
  await assert.rejects(gateway.listen(), inUse);
});

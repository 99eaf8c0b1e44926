// The same tests for both transports: the requirements of the engine.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { hash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { createTestAuthority } from '../support/certificates.ts';
import { dial as dialAny } from '../support/client.ts';
import type { Scope } from '../support/remote-transport.ts';
import { serverTls, skipWithout, startTransport, TRANSPORTS } from '../support/remote-transport.ts';

const authority = createTestAuthority();
const stranger = createTestAuthority();

const dial = (scope: Scope, port: number, options: ConnectionOptions = {}) =>
  dialAny(scope, port, { ca: authority.root, ...options });

async function upstream(
  scope: Scope,
  server: Server,
  where: string | undefined = undefined,
): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  scope.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(where ?? { host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return where === undefined ? (server.address() as AddressInfo).port : 0;
}

const SLOW_READERS = 50;
const ATTEMPTS = 300;
const SILENT_PROGRAM = `
  const server = require('node:net').createServer((socket) => socket.on('error', () => {}));
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;
const SILENCE_MS = 300;

/** A server that does not answer: its process is stopped, and its queue of connections is full. */
async function startSilentServer(scope: Scope): Promise<{ port: number; wake(): void }> {
  const child = spawn(process.execPath, ['-e', SILENT_PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  scope.after(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const port = Number(line);
  for (let isSilent = false; !isSilent; ) {
    const socket = connect({ port, host: '127.0.0.1' });
    scope.after(() => void socket.destroy());
    const answer = once(
      socket.on('error', () => {}),
      'connect',
    ).then(() => false);
    isSilent = await Promise.race([answer, delay(SILENCE_MS, true)]);
  }
  return { port, wake: () => void child.kill('SIGCONT') };
}

const pinOf = (pem: string) => {
  const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${hash('sha256', spki, 'base64')}`;
};

const echo = () => createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));

for (const name of TRANSPORTS) {
  test(name, { skip: skipWithout(name), timeout: 180_000 }, async (t) => {
    const shared = startTransport(t, name);
    await t.test('carries octets in both directions, and reports the result of TLS', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority) });
      const client = await dial(t, port);
      const { connection = 0, address, tls } = await transport.next('accepted');
      assert.equal(address, '127.0.0.1');
      assert.deepEqual(
        { ...tls, cipher: '' },
        {
          version: 'TLSv1.3',
          cipher: '',
          group: 'X25519MLKEM768',
          sni: 'localhost',
          alpn: 'http/1.1',
          resumed: false,
        },
      );
      const record = await transport.handshake();
      assert.deepEqual(record.tls, tls);
      assert.equal(record.failure, undefined);
      assert.ok(record.durationMs > 0 && record.durationMs < 5000);
      client.socket.write('question');
      assert.equal((await transport.next('data')).text, 'question');
      await transport.order({ op: 'write', connection, text: 'answer é' });
      assert.equal(await client.read(), 'answer é');
      client.socket.destroy();
      await transport.next('ended');
      await transport.order({ op: 'end', connection });
      await transport.next('closed');
    });

    await t.test('half-closes: each side may still send after the other has ended', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority) });
      const client = await dial(t, port);
      const { connection = 0 } = await transport.next('accepted');
      client.socket.end('last words');
      assert.equal((await transport.next('data')).text, 'last words');
      await transport.next('ended');
      await transport.order({ op: 'write', connection, text: 'after your end' });
      assert.equal(await client.read(), 'after your end');
      await transport.order({ op: 'end', connection });
      await client.over;
      assert.equal((await transport.next('closed')).error, undefined);

      const other = await dial(t, port);
      const { connection: second = 0 } = await transport.next('accepted');
      await transport.order({ op: 'end', connection: second });
      await other.over;
      other.socket.end('after our end');
      assert.equal((await transport.next('data')).text, 'after our end');
      await transport.next('ended');
      assert.equal((await transport.next('closed')).error, undefined);
      assert.deepEqual(transport.pending('closed'), []);
    });

    await t.test('destroys a connection at once, with one `closed` event', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority) });
      const client = await dial(t, port);
      const { connection = 0 } = await transport.next('accepted');
      await transport.order({ op: 'destroy', connection });
      await client.over;
      await transport.next('closed', connection);
      assert.deepEqual(transport.pending('closed'), []);
    });

    await t.test('reports a client that resets the connection', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority) });
      const client = await dial(t, port);
      const { connection = 0 } = await transport.next('accepted');
      client.socket.pause();
      await transport.order({ op: 'pour', connection, octets: 1_000_000 });
      // With unread octets, the operating system resets the connection.
      client.socket.destroy();
      assert.match((await transport.next('closed')).error ?? '', /^(ECONNRESET|EPIPE)$/);
    });

    await t.test('sends everything in order to a slow reader, and then emits `drained`', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority), mode: 'echo' });
      const client = await dial(t, port);
      const wanted = Buffer.alloc(8_000_000);
      for (let at = 0; at < wanted.length; at += 4) wanted.writeUInt32BE(at, at);
      const chunks: Buffer[] = [];
      client.socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      client.socket.pause();
      client.socket.end(wanted);
      setTimeout(() => client.socket.resume(), 300);
      await client.over;
      assert.ok(Buffer.concat(chunks).equals(wanted));
    });

    await t.test('stops reading while it is paused', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority) });
      const client = await dial(t, port);
      const { connection = 0 } = await transport.next('accepted');
      await transport.order({ op: 'pause', connection });
      client.socket.end('later');
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const event of ['data', 'ended', 'closed']) assert.deepEqual(transport.pending(event), []);
      await transport.order({ op: 'resume', connection });
      assert.equal((await transport.next('data')).text, 'later');
      await transport.next('ended');
    });

    await t.test('loses no octets if it was paused from the beginning', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority), mode: 'paused' });
      for (const first of ['short', 'x'.repeat(900)]) {
        const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.root });
        t.after(() => void socket.destroy());
        socket.on('error', () => {});
        // Node sends it with the end of the handshake.
        socket.write(first);
        const { connection = 0 } = await transport.next('accepted');
        await new Promise((resolve) => setTimeout(resolve, 100));
        await transport.order({ op: 'resume', connection });
        assert.equal((await transport.next('data', connection)).text, first);
      }
    });

    await t.test('gets the certificate of a client, and whether it is valid', async (t) => {
      const transport = shared.reset();
      const tls = serverTls(authority, { clients: 'request', clientRoots: authority.root });
      const port = await transport.listen({ tls });
      await dial(t, port);
      assert.equal((await transport.next('accepted')).tls?.peerCertificate, undefined);
      await dial(t, port, authority.client());
      const known = await transport.next('accepted');
      assert.ok(known.tls?.peerCertificate);
      assert.equal(known.tls.peerCertificate.error, undefined);
      await dial(t, port, stranger.client());
      const unknown = await transport.next('accepted');
      assert.match(unknown.tls?.peerCertificate?.error ?? '', /ISSUER|VERIFY_LEAF|SELF_SIGNED/);
    });

    await t.test('rejects with EADDRINUSE if the port is taken', async (t) => {
      const port = await upstream(t, echo());
      const transport = shared.reset();
      await assert.rejects(transport.listen({ tls: serverTls(authority), port }), /EADDRINUSE/);
    });

    await t.test('connects to an upstream over TCP and over a Unix socket', async (t) => {
      const path = `\0gatehouse-test-${process.pid}-${name}`;
      const port = await upstream(t, echo());
      await upstream(t, echo(), path);
      const transport = shared.reset();
      for (const address of [{ host: '127.0.0.1', port }, { host: 'localhost', port }, { path }]) {
        const connection = await transport.connect({ address, tls: undefined, connectSeconds: 5 });
        await transport.next('opened', connection);
        await transport.order({ op: 'write', connection, text: 'öffne' });
        assert.equal((await transport.next('data', connection)).text, 'öffne');
        await transport.order({ op: 'end', connection });
        await transport.next('ended', connection);
        assert.equal((await transport.next('closed', connection)).error, undefined);
      }
    });

    await t.test('reports why it cannot connect', async () => {
      const transport = shared.reset();
      const address = { host: '127.0.0.1', port: 1 };
      await transport.connect({ address, tls: undefined, connectSeconds: 5 });
      assert.equal((await transport.next('closed')).error, 'ECONNREFUSED');
    });

    await t.test('connects to an upstream over TLS only if it is the expected one', async (t) => {
      const { key, cert } = authority.server();
      const received: string[] = [];
      const server = createTlsServer({ key, cert }, (socket) => {
        socket.on('data', (octets) => received.push(String(octets)));
        socket.on('error', () => {});
        socket.write('welcome');
      });
      server.on('tlsClientError', () => {});
      const port = await upstream(t, server);
      const transport = shared.reset();
      const attempt = (tls: object) =>
        transport.connect({
          address: { host: '127.0.0.1', port },
          tls: {
            serverName: 'localhost',
            ca: authority.root,
            pin: undefined,
            certificate: undefined,
            privateKey: undefined,
            ...tls,
          },
          connectSeconds: 5,
        });
      for (const tls of [{}, { serverName: '127.0.0.1' }]) {
        const connection = await attempt(tls);
        await transport.next('opened', connection);
        assert.equal((await transport.next('data', connection)).text, 'welcome');
      }
      const bad = [
        { serverName: 'other.example' },
        { ca: stranger.root },
        { ca: undefined },
        { pin: 'sha256/AAAA' },
      ];
      for (const tls of bad) {
        const connection = await attempt(tls);
        const { error } = await transport.next('closed', connection);
        assert.ok(error, JSON.stringify(Object.keys(tls)));
        assert.deepEqual(transport.pending('opened'), []);
      }
      assert.deepEqual(received, []);
    });

    await t.test('verifies an upstream by the pin of its key, and presents our certificate', async (t) => {
      const { key, cert } = stranger.server();
      const presented: unknown[] = [];
      const options = { key, cert, ca: authority.root, requestCert: true };
      const server = createTlsServer(options, (socket) => {
        presented.push(socket.authorized);
        socket.on('error', () => {});
        socket.write('welcome');
      });
      const port = await upstream(t, server);
      const transport = shared.reset();
      const client = authority.client();
      const connection = await transport.connect({
        address: { host: '127.0.0.1', port },
        tls: {
          serverName: 'any.example',
          ca: undefined,
          pin: pinOf(cert),
          certificate: client.cert,
          privateKey: client.key,
        },
        connectSeconds: 5,
      });
      const { tls } = await transport.next('opened', connection);
      assert.equal(tls?.version, 'TLSv1.3');
      await transport.next('data', connection);
      assert.deepEqual(presented, [true]);
    });

    await t.test('gives up an upstream that does not finish TLS in time', async (t) => {
      const port = await upstream(t, createServer());
      const transport = shared.reset();
      const tls = { ca: authority.root, pin: undefined, certificate: undefined, privateKey: undefined };
      const connection = await transport.connect({
        address: { host: '127.0.0.1', port },
        tls: { serverName: 'localhost', ...tls },
        connectSeconds: 1,
      });
      assert.equal((await transport.next('closed', connection)).error, 'ETIMEDOUT');
      assert.deepEqual(transport.pending('opened'), []);
    });

    await t.test('gives up a silent upstream, and its attempts do not accumulate', async (t) => {
      const silent = await startSilentServer(t);
      const transport = startTransport(t, name);
      const target = { address: { host: '127.0.0.1', port: silent.port }, tls: undefined };
      const descriptors = async () => (await transport.order({ op: 'descriptors' })) as number;
      const before = await descriptors();
      for (let round = 0; round < 3; round += 1) {
        const order = { op: 'storm', target: { ...target, connectSeconds: 0.3 }, count: ATTEMPTS } as const;
        assert.deepEqual(await transport.order(order), ['ETIMEDOUT']);
      }
      const more = (await descriptors()) - before;
      assert.ok(more <= ATTEMPTS + 10, `${more} more descriptors`);
      silent.wake();
      const connection = await transport.connect({ ...target, connectSeconds: 5 });
      await transport.next('opened', connection);
    });

    await t.test('closes a connection that is destroyed before it has opened', async (t) => {
      const port = await upstream(t, createServer());
      const transport = shared.reset();
      const tls = { ca: authority.root, pin: undefined, certificate: undefined, privateKey: undefined };
      const connection = await transport.connect({
        address: { host: '127.0.0.1', port },
        tls: { serverName: 'localhost', ...tls },
        connectSeconds: 5,
      });
      await transport.order({ op: 'destroy', connection });
      await transport.next('closed', connection);
      assert.deepEqual(transport.pending('opened'), []);
      assert.deepEqual(transport.pending('closed'), []);
    });

    await t.test('delivers the last octets of an upstream before its end', async (t) => {
      const port = await upstream(
        t,
        createServer((socket) => void socket.end('x'.repeat(900))),
      );
      const transport = shared.reset();
      const address = { host: '127.0.0.1', port };
      const connection = await transport.connect({ address, tls: undefined, connectSeconds: 5 });
      await transport.next('opened', connection);
      assert.equal((await transport.next('data', connection)).text?.length, 900);
      assert.equal((await transport.next('ended', connection)).received, 900);
      await transport.order({ op: 'end', connection });
      assert.equal((await transport.next('closed', connection)).error, undefined);
    });

    await t.test('needs little memory for a client that does not read', async (t) => {
      const answer = Buffer.alloc(8_000_000);
      const port = await upstream(
        t,
        createServer((socket) => void socket.on('error', () => {}).end(answer)),
      );
      const transport = startTransport(t, name);
      const gateway = await transport.listen({
        tls: serverTls(authority),
        mode: 'relay',
        relayTo: port,
      });
      const before = (await transport.order({ op: 'memory' })) as number;
      for (let count = 0; count < SLOW_READERS; count += 1) {
        const { socket } = await dial(t, gateway);
        socket.pause();
        socket.write('GET');
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const after = (await transport.order({ op: 'memory' })) as number;
      const each = (after - before) / SLOW_READERS;
      assert.ok(each < 400_000, `${Math.round(each)} octets for each`);
    });
  });
}

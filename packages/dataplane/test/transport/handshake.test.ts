// The TLS of both transports: which clients are accepted, which certificate is presented, and the record of
// each handshake.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { TlsIdentity } from '../../src/transport/index.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { dial as dialAny } from '../support/client.ts';
import type { Scope } from '../support/remote-transport.ts';
import { plainTls, serverTls, skipWithout, startTransport, TRANSPORTS } from '../support/remote-transport.ts';

const authority = createTestAuthority();
const stranger = createTestAuthority();
const DAY_MS = 86_400_000;

const dial = (scope: Scope, port: number, options: ConnectionOptions = {}) =>
  dialAny(scope, port, { ca: authority.root, ...options });

/** A client whose handshake may fail on either side. */
async function attempt(scope: Scope, port: number, options: ConnectionOptions): Promise<void> {
  try {
    const { over } = await dial(scope, port, options);
    await over;
  } catch {
    // The server's record is what is tested.
  }
}

/** A TCP connection without TLS. */
async function plain(scope: Scope, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  scope.after(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

function identity(...names: string[]): TlsIdentity {
  const { key, cert } = authority.server({}, ...names);
  return { names, privateKey: key, certificateChain: cert };
}

for (const name of TRANSPORTS) {
  test(name, { skip: skipWithout(name), timeout: 180_000 }, async (t) => {
    const shared = startTransport(t, name);
    await t.test('records why a handshake failed, as a sentence', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority, { minVersion: 'TLSv1.3' }) });
      const cases: [ConnectionOptions, RegExp][] = [
        [{ maxVersion: 'TLSv1.2' }, /no TLS version that this server allows/],
        [{ ecdhCurve: 'P-521' }, /no key exchange group that this server allows/],
        [{ ca: stranger.root }, /does not trust/],
        [{ ALPNProtocols: ['h2'] }, /no application protocol \(ALPN\) that this server supports/],
        [{ sigalgs: 'rsa_pss_rsae_sha256' }, /no signature algorithm that fits/],
      ];
      for (const [options, reason] of cases) {
        await attempt(t, port, options);
        const record = await transport.handshake();
        assert.match(record.failure ?? '', reason);
        assert.equal(record.address, '127.0.0.1');
        // On Node, the name is unknown until there is a common version and group.
        if (name === 'bun') assert.equal(record.sni, 'localhost');
      }
      assert.deepEqual(transport.pending('accepted'), []);
    });

    await t.test('records that a client of TLS 1.2 has no suite in common with the server', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority, { maxVersion: 'TLSv1.2' }) });
      await attempt(t, port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
      assert.match((await transport.handshake()).failure ?? '', /no cipher suite that this server allows/);
      await dial(t, port, { maxVersion: 'TLSv1.2' });
      const { tls } = await transport.handshake();
      assert.equal(tls?.version, 'TLSv1.2');
      assert.equal(tls.cipher, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
    });

    await t.test('records clients that do not speak TLS, disconnect, or take too long', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority), handshakeSeconds: 1 });
      (await plain(t, port)).write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      assert.match((await transport.handshake()).failure ?? '', /plain HTTP: its URL must begin with https/);
      (await plain(t, port)).write('\x00\x01\x02\x03 something else altogether');
      assert.match((await transport.handshake()).failure ?? '', /did not use TLS/);
      (await plain(t, port)).end();
      assert.match((await transport.handshake()).failure ?? '', /closed the connection during the handshake/);
      const silent = await plain(t, port);
      const { failure, durationMs, address } = await transport.handshake();
      assert.match(failure ?? '', /took too long/);
      assert.ok(durationMs > 900 && durationMs < 2500);
      assert.equal(address, '127.0.0.1');
      if (!silent.destroyed) await once(silent.resume(), 'close');
      assert.deepEqual(transport.pending('accepted'), []);
    });

    await t.test('accepts only clients with a valid certificate if it requires one', async (t) => {
      const transport = shared.reset();
      const tls = serverTls(authority, { clients: 'require', clientRoots: authority.root });
      const port = await transport.listen({ tls });
      const past = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
      const future = { notBefore: new Date(Date.now() + DAY_MS) };
      const cases: [ConnectionOptions, RegExp][] = [
        [{}, /No client certificate was presented/],
        [stranger.client(), /not issued here/],
        [authority.client(past), /has expired/],
        [authority.client({ ...future, notAfter: new Date(Date.now() + 2 * DAY_MS) }), /not valid yet/],
        [authority.server(), /not for clients/],
      ];
      for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
        for (const [options, reason] of cases) {
          await attempt(t, port, { ...options, maxVersion: version });
          assert.match((await transport.handshake()).failure ?? '', reason);
        }
        await dial(t, port, { ...authority.client(), maxVersion: version });
        assert.equal((await transport.handshake()).failure, undefined);
        const { tls: facts } = await transport.next('accepted');
        assert.ok(facts?.peerCertificate);
        assert.equal(facts.peerCertificate.error, undefined);
      }
      assert.deepEqual(transport.pending('accepted'), []);
    });

    await t.test('resumed sessions have the certificate of the client, and its verdict', async (t) => {
      const transport = shared.reset();
      const tls = serverTls(authority, { clients: 'request', clientRoots: authority.root });
      const port = await transport.listen({ tls });
      for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
        for (const certificate of [authority.client(), stranger.client()]) {
          const options = { ...certificate, maxVersion: version };
          const first = await dial(t, port, options);
          const { tls: before, connection = 0 } = await transport.next('accepted');
          assert.ok(before?.peerCertificate);
          // BoringSSL sends its tickets with the first octets.
          await transport.order({ op: 'write', connection, text: 'x' });
          await dial(t, port, { ...options, session: await first.session });
          const { tls: after } = await transport.next('accepted');
          assert.equal(after?.resumed, true);
          assert.deepEqual(after.peerCertificate, before.peerCertificate);
        }
      }
    });

    await t.test('presents the certificate for the name that a client asks for', async (t) => {
      const transport = shared.reset();
      const names = [['a.example'], ['*.b.example'], ['c.example', 'd.example']];
      const identities = [identity(), ...names.map((each) => identity(...each))];
      const port = await transport.listen({ tls: serverTls(authority, { identities }) });
      const wanted: [string, string][] = [
        ['a.example', 'a.example'],
        ['A.EXAMPLE', 'a.example'],
        ['x.b.example', '*.b.example'],
        ['d.example', 'c.example'],
        ['b.example', 'localhost'],
        ['x.y.b.example', 'localhost'],
        ['unknown.example', 'localhost'],
        ['', 'localhost'],
      ];
      for (const [servername, subject] of wanted) {
        const client = await dial(t, port, { servername, checkServerIdentity: () => undefined });
        assert.equal(client.socket.getPeerCertificate().subject.CN, subject);
        assert.equal(client.socket.alpnProtocol, 'http/1.1');
        const { tls } = await transport.next('accepted');
        assert.equal(tls?.sni, servername || undefined);
        assert.equal(tls?.group, 'X25519MLKEM768');
      }
    });

    await t.test('presents new certificates without losing a connection', async (t) => {
      const transport = shared.reset();
      const tls = serverTls(authority, { identities: [identity('old.example')] });
      const port = await transport.listen({ tls, mode: 'echo' });
      const open = await dial(t, port, { servername: '', checkServerIdentity: () => undefined });
      let goOn = true;
      let attempts = 0;
      const clients = [1, 2, 3, 4].map(async () => {
        while (goOn) {
          attempts += 1;
          const servername = attempts % 2 ? '' : 'old.example';
          const client = await dial(t, port, { servername, checkServerIdentity: () => undefined });
          client.socket.end('x');
          assert.equal(await client.read(), 'x');
          await client.over;
        }
      });
      for (const subject of ['new.example', 'newer.example', 'newest.example']) {
        await transport.order({
          op: 'present',
          tls: plainTls({ ...tls, identities: [identity(subject), identity('extra.example')] }),
        });
        for (const servername of ['', 'old.example', 'extra.example']) {
          const client = await dial(t, port, { servername, checkServerIdentity: () => undefined });
          const expected = servername === 'extra.example' ? servername : subject;
          assert.equal(client.socket.getPeerCertificate().subject.CN, expected);
          assert.equal(client.socket.alpnProtocol, 'http/1.1');
        }
      }
      goOn = false;
      await Promise.all(clients);
      assert.ok(attempts > 4);
      open.socket.write('still here');
      assert.equal(await open.read(), 'still here');
    });

    if (name === 'node') {
      await t.test('answers tls-alpn-01 challenges beside other clients (RFC 8737 §3)', async (t) => {
        const transport = shared.reset();
        const [usual, challenge] = [identity('a.example'), identity('challenge.example')];
        const challenges = [{ ...challenge, names: ['a.example'] }];
        const tls = serverTls(authority, { identities: [identity(), usual], minVersion: 'TLSv1.2' });
        const port = await transport.listen({ tls, mode: 'echo' });
        const any = { servername: 'a.example', checkServerIdentity: () => undefined };
        const validator = { ...any, ALPNProtocols: ['acme-tls/1'] };
        await assert.rejects(dial(t, port, validator));
        for (const present of [challenges, challenges, []]) {
          await transport.order({ op: 'present', tls: plainTls({ ...tls, challenges: present }) });
          for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
            const client = await dial(t, port, { ...any, maxVersion });
            assert.equal(client.socket.getPeerCertificate().subject.CN, 'a.example');
            client.socket.end('x');
            assert.equal(await client.read(), 'x');
            await assert.rejects(dial(t, port, { ...any, ALPNProtocols: ['h2'] }));
            if (present.length === 0) {
              await assert.rejects(dial(t, port, validator));
              continue;
            }
            const validating = await dial(t, port, { ...validator, maxVersion });
            assert.equal(validating.socket.alpnProtocol, 'acme-tls/1');
            assert.equal(validating.socket.getPeerCertificate().subject.CN, 'challenge.example');
            await validating.over;
            await assert.rejects(dial(t, port, { ...validator, servername: 'b.example' }));
          }
        }
      });
    }

    await t.test('requires certificates of clients as soon as the settings change', async (t) => {
      const transport = shared.reset();
      const tls = serverTls(authority);
      const port = await transport.listen({ tls });
      const first = await dial(t, port);
      const { connection = 0 } = await transport.next('accepted');
      await transport.order({ op: 'write', connection, text: 'x' });
      const required = { ...tls, clients: 'require', clientRoots: authority.root } as const;
      await transport.order({ op: 'present', tls: plainTls(required) });
      assert.equal((await transport.handshake()).failure, undefined);
      for (const servername of ['localhost', '']) {
        const options = { servername, checkServerIdentity: () => undefined };
        await attempt(t, port, options);
        assert.match((await transport.handshake()).failure ?? '', /No client certificate/);
        await attempt(t, port, { ...options, session: await first.session });
        assert.match((await transport.handshake()).failure ?? '', /No client certificate/);
        await dial(t, port, { ...options, ...authority.client() });
        assert.equal((await transport.handshake()).failure, undefined);
      }
    });

    await t.test(
      'logs the secrets of sessions only if the settings say so, for its owner only',
      async (t) => {
        const keyLog = join(tmpdir(), `gatehouse-keys-${process.pid}-${name}`);
        const transport = shared.reset();
        const identities = [identity(), identity('a.example')];
        const port = await transport.listen({ tls: serverTls(authority, { keyLog, identities }) });
        await dial(t, port);
        await dial(t, port, { servername: 'a.example' });
        await transport.next('accepted');
        await transport.next('accepted');
        const lines = readFileSync(keyLog, 'latin1').trimEnd().split('\n');
        const labels = lines.map((line) => line.split(' ')[0]);
        assert.equal(labels.filter((label) => label === 'CLIENT_TRAFFIC_SECRET_0').length, 2);
        for (const line of lines) assert.match(line, /^[A-Z0-9_]+ [0-9a-f]{64} [0-9a-f]+$/);
        assert.equal(statSync(keyLog).mode & 0o777, 0o600);
      },
    );

    await t.test('refuses connections above the limit, and counts those that end', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority), maxConnections: 2, mode: 'echo' });
      const clients = [await dial(t, port), await dial(t, port)];
      await assert.rejects(dial(t, port));
      clients[0]?.socket.end();
      await transport.next('closed');
      await dial(t, port);
      await assert.rejects(dial(t, port));
    });

    await t.test(
      'changes the limit of connections while it listens, without closing open ones',
      async (t) => {
        const transport = shared.reset();
        const port = await transport.listen({ tls: serverTls(authority), maxConnections: 1, mode: 'echo' });
        const first = await dial(t, port);
        await assert.rejects(dial(t, port));
        await transport.order({ op: 'limit', maxConnections: 2 });
        await dial(t, port);
        await assert.rejects(dial(t, port));
        await transport.order({ op: 'limit', maxConnections: 1 });
        first.socket.end('still here');
        assert.equal(await first.read(), 'still here');
      },
    );

    await t.test('accepts no new connections after stop, and continues the open ones', async (t) => {
      const transport = shared.reset();
      const port = await transport.listen({ tls: serverTls(authority), mode: 'echo' });
      const open = await dial(t, port);
      await transport.order({ op: 'stop' });
      await assert.rejects(dial(t, port), /ECONNREFUSED/);
      open.socket.end('still here');
      assert.equal(await open.read(), 'still here');
      await open.over;
    });

    await t.test('shares a port among processes', async (t) => {
      const transports = [startTransport(t, name), startTransport(t, name)];
      const tls = serverTls(authority);
      const port = (await transports[0]?.listen({ tls, reusePort: true })) ?? 0;
      await transports[1]?.listen({ tls, reusePort: true, port });
      for (let count = 0; count < 40; count += 1) await dial(t, port);
      for (const each of transports) await each.next('accepted');
    });
  });
}

test('Node staples the OCSP response of the certificate that it presents', async (t) => {
  const transport = startTransport(t, 'node');
  const identities = [
    { ...identity(), ocspResponse: Buffer.from('first') },
    { ...identity('a.example'), ocspResponse: Buffer.from('second') },
    identity('b.example'),
  ];
  const port = await transport.listen({ tls: serverTls(authority, { identities }) });
  for (const [servername, expected] of [
    ['localhost', 'first'],
    ['a.example', 'second'],
    ['b.example', undefined],
  ] as const) {
    const options = { ca: authority.root, servername, requestOCSP: true };
    const socket = connectTls({ host: '127.0.0.1', port, ...options } as ConnectionOptions);
    t.after(() => void socket.destroy());
    const [stapled] = (await once(socket, 'OCSPResponse')) as [Buffer | null];
    assert.equal(stapled?.toString(), expected);
  }
});

test('processes of Node resume each other’s sessions', async (t) => {
  const [one, other] = [startTransport(t, 'node'), startTransport(t, 'node')];
  const tls = serverTls(authority);
  const first = await dial(t, await one.listen({ tls }));
  await dial(t, await other.listen({ tls }), { session: await first.session });
  assert.equal((await other.handshake()).tls?.resumed, true);
});

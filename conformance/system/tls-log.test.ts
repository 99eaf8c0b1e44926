// The log of TLS handshakes, certificates from files, and the choice of versions, suites and groups, on both
// runtimes of the gateway (RFC 8446, RFC 6066 §3).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { connect } from 'node:tls';
import { forge, issue } from '../support/certificates.ts';
import { eventually } from '../support/conditions.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { run, up } from '../support/gatehouse-command.ts';
import { PROGRAM } from '../support/program.ts';
import { without } from '../support/programs.ts';

interface Handshake {
  version: string | null;
  cipher: string | null;
  group: string | null;
  sni: string | null;
  alpn: string | null;
  resumed: boolean;
  peerCertificate: object | null;
  durationMs: number;
  failure: string | null;
  address: string;
}

const openssl = { skip: without('openssl', 'version') };
const OLD_SUITES = 'DEFAULT@SECLEVEL=0';
const NOT_ISSUED_HERE = 'The client certificate was not issued here.';

for (const transport of ['bun', 'node'] as const) {
  describe(`the gateway on ${transport}`, openssl, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-log-'));
    const files = { certificate: join(folder, 'shop.pem'), key: join(folder, 'shop.key') };
    await selfSign(files);
    const server = await up({
      set: [
        'gateway.workers=1',
        `gateway.transport=${transport}`,
        'tls.preset=intermediate',
        'tls.groups=X25519,P-256',
        `gateway.certificates=${JSON.stringify([files])}`,
      ],
    });
    after(async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const shake = async (offer: ConnectionOptions = {}) => {
      const options = { host: '127.0.0.1', port: server.port, servername: 'localhost', ca: server.ca };
      const socket = connect({ ...options, ALPNProtocols: ['http/1.1'], ...offer });
      try {
        await once(socket, 'secureConnect');
        return socket.getPeerX509Certificate()?.fingerprint256;
      } finally {
        // The client sends the last octets of the handshake.
        socket.destroySoon();
      }
    };
    const newest = async () => {
      await pause(300);
      return (await server.json<Handshake[]>('tls', 'log')).at(-1);
    };

    it('logs the negotiated values', async () => {
      await shake({ ecdhCurve: 'P-256', maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
      const { durationMs, ...rest } = (await newest()) as Handshake;
      assert.ok(durationMs > 0);
      assert.partialDeepStrictEqual(rest, {
        version: 'TLSv1.2',
        cipher: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
        group: 'P-256',
        sni: 'localhost',
        alpn: 'http/1.1',
        resumed: false,
        peerCertificate: null,
        failure: null,
        address: '127.0.0.1',
      });
    });

    it('logs why a handshake failed, in words', async () => {
      await assert.rejects(shake({ ALPNProtocols: ['h2'] }));
      assert.match((await newest())?.failure ?? '', /application protocol/);
      await assert.rejects(shake({ ecdhCurve: 'P-384' }));
      assert.match((await newest())?.failure ?? '', /group|cipher suite/);
    });

    it('has one record for each handshake, with any result, and --follow prints it at once', async (t) => {
      const robot = await issue(server.data, 'robot');
      const forged = forge(server.data, 'robot');
      const ticket = await ticketFrom(server);
      const records = await follow(t, server);
      const known = records.length;
      const kinds: [what: () => Promise<unknown>, record: Partial<Handshake>, failure?: RegExp][] = [
        [
          () => shake(),
          { version: 'TLSv1.3', group: 'X25519', alpn: 'http/1.1', sni: 'localhost', resumed: false },
        ],
        [() => shake({ session: ticket }), { version: 'TLSv1.3', resumed: true }],
        [() => shake(robot), { peerCertificate: { serialNumber: robot.serial, error: null } }],
        [() => shake(forged), { peerCertificate: { serialNumber: forged.serial, error: NOT_ISSUED_HERE } }],
        [() => assert.rejects(shake({ ca: [] })), {}, /does not trust/],
        [() => assert.rejects(shake({ ALPNProtocols: ['h2'] })), {}, /application protocol/],
        [
          () => assert.rejects(shake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: OLD_SUITES })),
          {},
          /no TLS version/,
        ],
        [() => plain(server.port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), {}, /plain HTTP/],
        [() => plain(server.port, '\x00 something else altogether'), {}, /did not use TLS/],
        [() => plain(server.port, ''), {}, /closed the connection/],
      ];
      for (const [index, [act, expected, failure]] of kinds.entries()) {
        await act();
        await eventually(`the record of handshake ${index}`, () => records.length > known + index);
        const record = records.at(-1) as Handshake;
        assert.partialDeepStrictEqual(record, { ...expected, address: '127.0.0.1' });
        if (failure) assert.match(record.failure ?? '', failure);
        else assert.equal(record.failure, null);
      }
      const log = await server.json<Handshake[]>('tls', 'log');
      assert.equal(records.length, known + kinds.length);
      assert.deepEqual(log.slice(-kinds.length), records.slice(-kinds.length));
    });

    it('presents a certificate from files for its name, and the new one when the files change', async () => {
      const own = await shake();
      const before = await shake({ servername: 'shop.example', rejectUnauthorized: false });
      assert.notEqual(before, own);
      await selfSign(files);
      const deadline = performance.now() + 15_000;
      let now = before;
      while (now === before && performance.now() < deadline) {
        await pause(200);
        now = await shake({ servername: 'shop.example', rejectUnauthorized: false });
      }
      assert.notEqual(now, before);
      writeFileSync(files.key, 'not a key');
      await pause(3000);
      assert.equal(await shake({ servername: 'shop.example', rejectUnauthorized: false }), now);
      assert.match(server.stderr(), /the changed certificate is not used: the old one stays/);
    });
  });
}

async function selfSign({ certificate, key }: { certificate: string; key: string }): Promise<void> {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90'];
  const names = ['-subj', '/CN=shop.example', '-addext', 'subjectAltName=DNS:shop.example'];
  const outcome = await run('openssl', [
    'req',
    '-x509',
    ...kind,
    ...names,
    '-keyout',
    key,
    '-out',
    certificate,
  ]);
  assert.equal(outcome.status, 0, outcome.stderr);
}

/** The records that `gatehouse tls log --follow` prints. Known records come first. */
async function follow(t: TestContext, { data }: Up): Promise<Handshake[]> {
  const options = ['--disable-warning=ExperimentalWarning', PROGRAM, 'tls', 'log', '--follow', '--json'];
  const child = spawn(process.execPath, [...options, '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => void child.kill());
  const records: Handshake[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => records.push(JSON.parse(line)));
  await eventually('the records so far', () => records.length > 0);
  return records;
}

async function ticketFrom({ port, ca }: Up): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca });
  // On Bun, the ticket comes with the first answer.
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [ticket] = (await once(socket, 'session')) as [Buffer];
  socket.destroy();
  return ticket;
}

/** Sends these octets without TLS, and ends. */
async function plain(port: number, octets: string): Promise<void> {
  const socket = connectPlain({ host: '127.0.0.1', port });
  socket.on('error', () => {}).resume();
  await once(socket, 'connect');
  socket.end(octets, 'latin1');
  await once(socket, 'close');
}

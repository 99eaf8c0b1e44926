// TLS with openssl, curl and Node's client (RFC 8446, RFC 9325, draft-ietf-tls-ecdhe-mlkem), and its
// certificates (RFC 5280, RFC 9525), on the gateway and on the control plane.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { Outcome } from '../support/gatehouse-command.ts';
import { run, up } from '../support/gatehouse-command.ts';
import { without } from '../support/programs.ts';

const openssl = { skip: without('openssl', 'version') };
const curl = { skip: without('curl') };

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tls-'));
// Only Node can share the keys of tickets among processes.
const [server, older, sharing] = await Promise.all([
  up({ set: ['gateway.workers=2'] }),
  up({ set: ['tls.minVersion=1.2', 'ca.names=api.example.test,*.apps.example.test,10.1.2.3,2001:db8::1'] }),
  up({ set: ['gateway.workers=2', 'gateway.transport=node'] }),
]);
after(async () => {
  await Promise.all([server.stop(), older.stop(), sharing.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const LISTENERS = [
  { name: 'the gateway', port: server.port, olderPort: older.port, path: '/' },
  {
    name: 'the control plane',
    port: server.controlPort,
    olderPort: older.controlPort,
    path: '/.well-known/jwks.json',
  },
];

for (const { name, port, olderPort, path } of LISTENERS) {
  describe(`${name}, seen by openssl s_client`, () => {
    it(
      'negotiates TLS 1.3 with X25519 and http/1.1, offers tickets without early data (RFC 8446 §4.2.10)',
      openssl,
      async () => {
        const options = [
          '-verify_return_error',
          '-verify_hostname',
          'localhost',
          '-alpn',
          'h2,http/1.1',
          '-ign_eof',
        ];
        const input = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
        const { stdout, status } = await handshake({ port, options, input });
        assert.match(stdout, /^New, TLSv1\.3, Cipher is TLS_AES_(?:128|256)_GCM_SHA(?:256|384)$/m);
        assert.match(stdout, /^(Server|Peer) Temp Key: X25519, 253 bits$/m);
        assert.match(stdout, /^ALPN protocol: http\/1\.1$/m);
        assert.match(stdout, /^Verification: OK$/m);
        assert.match(stdout, /^Compression: NONE$/m);
        assert.match(stdout, /^Early data was not sent$/m);
        assert.match(stdout, /^ +Max Early Data: 0$/m);
        assert.doesNotMatch(stdout, /Max Early Data: [1-9]/);
        // For certificates of clients. SHA-1 is broken (RFC 9155).
        const [, accepted = ''] = /^Requested Signature Algorithms: (.+)$/m.exec(stdout) ?? [];
        assert.match(accepted, /ECDSA\+SHA256/);
        assert.doesNotMatch(accepted, /SHA1|MD5/);
        // The server announces the end (§6.1). Otherwise openssl would report an unexpected EOF.
        assert.equal(status, 0);
      },
    );

    it('refuses a client that offers only h2 (RFC 7301 §3.2)', openssl, async () => {
      assert.match(alertOf(await handshake({ port, options: ['-alpn', 'h2'] })), /no application protocol/);
    });

    it('refuses TLS 1.2 and 1.1 by default (RFC 9325 §3.1.1)', openssl, async () => {
      for (const version of ['-tls1_2', '-tls1_1']) {
        const options = [version, '-cipher', 'DEFAULT@SECLEVEL=0'];
        assert.match(alertOf(await handshake({ port, options })), /protocol version/, version);
      }
    });

    it('with tls.minVersion=1.2 accepts only ECDHE with AEAD (RFC 9325 §4.2)', openssl, async () => {
      for (const suite of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305']) {
        const { stdout } = await handshake({ port: olderPort, options: ['-tls1_2', '-cipher', suite] });
        assert.match(stdout, new RegExp(`^New, TLSv1\\.2, Cipher is ${suite}$`, 'm'));
      }
      const weak = [
        'ECDHE-ECDSA-AES128-SHA256',
        'ECDHE-ECDSA-AES256-SHA',
        'AES128-GCM-SHA256',
        'DHE-RSA-AES128-GCM-SHA256',
      ];
      for (const suite of [...weak, 'PSK-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-CCM8', 'aNULL']) {
        const options = ['-tls1_2', '-cipher', `${suite}@SECLEVEL=0`, '-psk', '00'];
        assert.match(alertOf(await handshake({ port: olderPort, options })), /handshake failure/, suite);
      }
      const options = ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'];
      assert.match(alertOf(await handshake({ port: olderPort, options })), /protocol version/);
    });

    it('does not renegotiate in TLS 1.2 (RFC 9325 §3.5)', openssl, async () => {
      assert.match(await renegotiation(olderPort), /no renegotiation/);
    });
  });

  describe(`${name}, seen by Node’s client`, () => {
    it('negotiates X25519MLKEM768 if the client offers it, even after X25519', async () => {
      for (const ecdhCurve of ['X25519MLKEM768', 'X25519:X25519MLKEM768']) {
        const socket = await connected({ port, ecdhCurve });
        assert.equal(socket.getProtocol(), 'TLSv1.3');
        assert.equal((socket.getEphemeralKeyInfo() as { name?: string }).name, 'X25519MLKEM768', ecdhCurve);
        socket.destroy();
      }
    });
  });

  describe(`${name}, seen by curl`, () => {
    it('is trusted with root.pem, and refused without it', curl, async () => {
      const url = `https://localhost:${port}${path}`;
      const trusting = ['--silent', '--cacert', server.ready.rootCertificate, '--output', '/dev/null'];
      assert.equal((await run('curl', [...trusting, url])).status, 0);
      const untrusted = 60;
      assert.equal((await run('curl', ['--silent', url])).status, untrusted);
    });

    it('is trusted under its names and addresses, and under no other (RFC 9525 §6)', curl, async () => {
      const own = ['localhost', '127.0.0.1', '[::1]'];
      const configured = ['api.example.test', 'notes.apps.example.test', '10.1.2.3', '[2001:db8::1]'];
      const foreign = ['example.test', 'www.api.example.test', 'a.b.apps.example.test', '127.0.0.2', '[::2]'];
      for (const host of [...own, ...configured, ...foreign]) {
        const { status } = await run('curl', [
          ...['--silent', '--cacert', older.ready.rootCertificate, '--output', '/dev/null'],
          ...['--connect-to', `${host}:443:127.0.0.1:${olderPort}`, `https://${host}${path}`],
        ]);
        assert.equal(status, foreign.includes(host) ? 60 : 0, host);
      }
    });
  });
}

describe('sessions', () => {
  it('of one worker can be resumed by every other, on Node (RFC 8446 §2.2)', async () => {
    const session = await ticketFrom(sharing.port, sharing.ca);
    const resumptions = await Promise.all(
      Array.from({ length: 24 }, async () => {
        const socket = await connected({ port: sharing.port, ca: sharing.ca, session });
        const reused = socket.isSessionReused();
        socket.destroy();
        return reused;
      }),
    );
    assert.deepEqual(new Set(resumptions), new Set([true]));
  });

  it('of another server are not resumed; a full handshake follows', async () => {
    const session = await ticketFrom(server.port);
    const socket = await connected({ port: older.port, ca: older.ca, session });
    assert.equal(socket.isSessionReused(), false);
    socket.destroy();
  });
});

describe('certificates', () => {
  it(
    'are valid for openssl verify -x509_strict, for server authentication, under each name (RFC 5280)',
    openssl,
    async () => {
      const { stdout } = await handshake({ port: older.port, options: ['-showcerts'] });
      const [leaf = '', intermediate = ''] =
        stdout.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n/gs) ?? [];
      writeFileSync(join(folder, 'leaf.pem'), leaf);
      writeFileSync(join(folder, 'intermediate.pem'), intermediate);
      const verify = (...options: string[]) =>
        run('openssl', [
          ...['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', older.ready.rootCertificate],
          ...['-untrusted', join(folder, 'intermediate.pem'), ...options, join(folder, 'leaf.pem')],
        ]);
      assert.match((await verify()).stdout, /leaf\.pem: OK$/m);
      for (const name of ['localhost', 'api.example.test', 'a.apps.example.test']) {
        assert.equal((await verify('-verify_hostname', name)).status, 0, name);
      }
      for (const address of ['127.0.0.1', '::1', '10.1.2.3', '2001:db8::1']) {
        assert.equal((await verify('-verify_ip', address)).status, 0, address);
      }
      assert.notEqual((await verify('-verify_hostname', 'example.test')).status, 0);
      assert.notEqual((await verify('-verify_ip', '127.0.0.2')).status, 0);
    },
  );

  it('do not verify under the root of another installation', openssl, async () => {
    const options = ['-verify_return_error', '-CAfile', older.ready.rootCertificate];
    const { status, stderr } = await handshake({ port: server.port, options });
    assert.equal(status, 1);
    assert.match(stderr, /certificate verify failed/);
  });

  it('of the public PKI: /roots.pem is root.pem, over plain HTTP (RFC 5280 §8)', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      get(`${server.ready.pki}/roots.pem`, (response) => resolve(text(response))).on('error', reject);
    });
    assert.equal(answer, readFileSync(server.ready.rootCertificate, 'utf8'));
  });

  it('lead to the root with the announced SPKI fingerprint (RFC 7469 §2.4)', openssl, async () => {
    const spki = await run('openssl', ['x509', '-in', server.ready.rootCertificate, '-noout', '-pubkey']);
    const digest = 'openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64';
    const { stdout } = await run('sh', ['-c', digest], { input: spki.stdout });
    assert.equal(server.ready.rootFingerprint, `sha256/${stdout.trim()}`);
  });
});

interface Handshake {
  port: number;
  options: readonly string[];
  input?: string;
}

/** openssl s_client ends the connection at the end of its input unless an option prevents it. */
function handshake({ port, options, input = '' }: Handshake): Promise<Outcome> {
  const common = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'localhost'];
  const trust = options.includes('-CAfile') ? [] : ['-CAfile', server.ready.rootCertificate];
  return run('openssl', [...common, ...trust, ...options], { input });
}

/** The output of openssl about the answer to a renegotiation. */
function renegotiation(port: number): Promise<string> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2']);
  child.stdin.write('R\n');
  return new Promise((resolve, reject) => {
    let remarks = '';
    child.stderr.on('data', (chunk: Buffer) => {
      remarks += chunk;
      // openssl verifies the certificate a second time.
      if (/RENEGOTIATING.*verify return/s.test(remarks)) child.stdin.end();
    });
    child.once('error', reject);
    child.once('close', () => resolve(remarks));
  });
}

/** The alert that the server sent; undefined if the handshake failed on the client's side. */
function alertOf({ status, stderr }: Outcome): string {
  assert.equal(status, 1);
  const [, alert] = /alert ([a-z ]+):.*SSL alert number \d+/.exec(stderr) ?? [];
  assert.ok(alert, `an alert, not ${stderr}`);
  return alert;
}

function connected(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', servername: 'localhost', ca: server.ca, ...options }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

async function ticketFrom(port: number, ca = server.ca): Promise<Buffer> {
  const socket = await connected({ port, ca });
  const session = new Promise<Buffer>((resolve) => socket.once('session', resolve));
  // On Bun, the ticket comes with the first answer.
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await session;
  socket.destroy();
  return session;
}

// The log of TLS handshakes, certificates from files, and the choice of versions, suites and groups, on both
// runtimes of the gateway (RFC 8446, RFC 6066 §3).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { connect } from 'node:tls';
import { run, up } from '../support/gatehouse-command.ts';
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
        socket.destroy();
      }
    };
    const newest = async () => {
      await pause(300);
      return (await server.json<Handshake[]>('tls', 'log')).at(-1);
    };

    it('logs what was negotiated', async () => {
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

// What the client trusts: only the given roots, only names in subjectAltName, and TLS 1.2 or newer.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { type ClientErrorCode, createClient } from '../src/index.ts';
import { type Authority, createAuthority, hasOpenssl, needsOpenssl } from './certificates.ts';

describe('a client over TLS', { skip: hasOpenssl() ? false : needsOpenssl }, () => {
  let authority: Authority;

  before(() => {
    authority = createAuthority();
  });
  after(() => authority.remove());

  test('trusts a certificate that a given root signed', async (t) => {
    const leaf = authority.issue('x', { alternativeNames: 'DNS:localhost,IP:127.0.0.1' });
    await withServer(leaf, async (port) => {
      const client = createClient({ roots: authority.root });
      t.after(() => client.close());
      for (const host of ['127.0.0.1', 'localhost']) {
        const response = await client.request(`https://${host}:${port}/`);
        assert.equal(await text(response.body), 'secure');
      }
    });
  });

  test('does not trust it without that root, or with another one', async () => {
    const stranger = createAuthority();
    const leaf = authority.issue('x', { alternativeNames: 'DNS:localhost' });
    await withServer(leaf, async (port) => {
      await assertRefused(port, undefined, 'tls_trust');
      await assertRefused(port, stranger.root, 'tls_trust');
    });
    stranger.remove();
  });

  test('refuses another name, also at the second try (no TLS session is resumed)', async () => {
    const leaf = authority.issue('x', { alternativeNames: 'DNS:other.example' });
    await withServer({ ...leaf, maxVersion: 'TLSv1.2' }, (port) =>
      assertRefused(port, authority.root, 'tls_trust'),
    );
    await withServer(leaf, (port) => assertRefused(port, authority.root, 'tls_trust'));
  });

  test('refuses a certificate that names the server only in its common name (RFC 9525 §2)', async () => {
    const leaf = authority.issue('localhost');
    await withServer(leaf, (port) => assertRefused(port, authority.root, 'tls_trust'));
  });

  test('refuses a server that does not support TLS 1.2 (RFC 8996)', async () => {
    const leaf = authority.issue('x', { alternativeNames: 'DNS:localhost' });
    const old = {
      ...leaf,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    await withServer(old, (port) => assertRefused(port, authority.root, 'connect'));
  });

  test('sends an identity over TLS', async (t) => {
    const leaf = authority.issue('x', { alternativeNames: 'DNS:localhost' });
    await withServer(leaf, async (port, seen) => {
      const client = createClient({ roots: authority.root, identity: { kind: 'apiKey', key: 'k1' } });
      t.after(() => client.close());
      (await client.request(`https://localhost:${port}/`)).body.resume();
      assert.deepEqual(seen, ['k1']);
    });
  });

  test('sends its certificate to a server that requires one, and reports a missing one', async (t) => {
    const leaf = authority.issue('x', { alternativeNames: 'DNS:localhost' });
    const { cert: chain, key } = authority.issue('robot');
    const requiring = { ...leaf, ca: authority.root, requestCert: true, rejectUnauthorized: true };
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      await withServer({ ...requiring, maxVersion }, async (port) => {
        const client = createClient({ roots: authority.root, certificate: { chain, key } });
        t.after(() => client.close());
        const response = await client.request(`https://localhost:${port}/`);
        assert.equal(await text(response.body), 'secure');
      });
    }
    await withServer(requiring, (port) => assertRefused(port, authority.root, 'client_certificate'));
  });

  test('ignores byte order marks in the PEM of roots, certificate and key', async (t) => {
    const leaf = authority.issue('x', { alternativeNames: 'DNS:localhost' });
    const { cert, key } = authority.issue('robot');
    const requiring = { ...leaf, ca: authority.root, requestCert: true, rejectUnauthorized: true };
    await withServer(requiring, async (port) => {
      const certificate = { chain: `\uFEFF${cert}\uFEFF${authority.root}`, key: `\uFEFF${key}` };
      const client = createClient({ roots: `\uFEFF${authority.root}`, certificate });
      t.after(() => client.close());
      const response = await client.request(`https://localhost:${port}/`);
      assert.equal(await text(response.body), 'secure');
    });
  });

  test('reports the alert of a server that does not accept its certificate (RFC 8446 §6.2)', async (t) => {
    const leaf = authority.issue('x', { alternativeNames: 'DNS:localhost' });
    const stranger = createAuthority();
    t.after(() => stranger.remove());
    const { cert: chain, key } = stranger.issue('robot');
    const { port, stop } = await startOpensslServer(leaf, authority.rootFile);
    t.after(stop);
    const client = createClient({ roots: authority.root, certificate: { chain, key } });
    t.after(() => client.close());
    await assert.rejects(client.request(`https://localhost:${port}/`), {
      code: 'client_certificate',
      message: /does not accept the client certificate \(UNKNOWN_CA\)/,
    });
  });

  test('reports a refused certificate if the first connection ends without an alert', async (t) => {
    const leaf = authority.issue('x', { alternativeNames: 'DNS:localhost' });
    const stranger = createAuthority();
    t.after(() => stranger.remove());
    const { cert: chain, key } = stranger.issue('robot');
    const requiring = { ...leaf, ca: authority.root, requestCert: true, rejectUnauthorized: true };
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      await withServer({ ...requiring, maxVersion }, async (port) => {
        const client = createClient({ roots: authority.root, certificate: { chain, key } });
        t.after(() => client.close());
        await assert.rejects(client.request(`https://localhost:${port}/`), {
          code: 'client_certificate',
          message: /probably does not accept: check that .*, or see the server's log$/,
        });
      });
    }
  });

  test('does not blame the certificate if the server has answered before, or if the client has none', async (t) => {
    const leaf = authority.issue('x', { alternativeNames: 'DNS:localhost' });
    const { cert: chain, key } = authority.issue('robot');
    const server = createServer(leaf, ({ url, socket }, response) => {
      if (url === '/cut') socket.destroy();
      else response.end();
    });
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
    const certified = createClient({ roots: authority.root, certificate: { chain, key } });
    const anonymous = createClient({ roots: authority.root });
    t.after(() => Promise.all([certified.close(), anonymous.close()]));
    (await certified.request(origin)).body.resume();
    for (const client of [certified, anonymous]) {
      await assert.rejects(client.request(`${origin}/cut`), { code: 'disconnected' });
    }
  });

  test('refuses a certificate with another key, and text that is not PEM', () => {
    const [one, other] = [authority.issue('one'), authority.issue('other')];
    for (const certificate of [
      { chain: one.cert, key: other.key },
      { chain: 'no PEM', key: one.key },
      { chain: one.cert, key: '' },
    ]) {
      assert.throws(() => createClient({ certificate }), TypeError);
    }
  });

  test('reports a handshake that stalls as a timeout', async (t) => {
    const server = createTcpServer(() => undefined).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const client = createClient({ timeouts: { connectSeconds: 0.2 } });
    t.after(() => client.close());
    const { port } = server.address() as AddressInfo;
    await assert.rejects(client.request(`https://127.0.0.1:${port}/`), {
      name: 'ClientError',
      code: 'timeout',
    });
    await client.close();
    server.close();
  });
});

/** Tries twice with one client: the first connection must not change the result of the second. */
async function assertRefused(port: number, roots: string | undefined, code: ClientErrorCode): Promise<void> {
  const client = createClient(roots === undefined ? {} : { roots });
  try {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await assert.rejects(client.request(`https://localhost:${port}/`), { name: 'ClientError', code });
    }
  } finally {
    await client.close();
  }
}

/** A server that requires a certificate under `rootFile`, and sends an alert if it does not get one. */
async function startOpensslServer(
  { cert, key }: { cert: string; key: string },
  rootFile: string,
): Promise<{ port: number; stop(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-server-'));
  const file = join(folder, 'server.pem');
  writeFileSync(file, cert + key);
  const identity = ['-cert', file, '-key', file, '-CAfile', rootFile];
  const options = ['s_server', '-accept', '127.0.0.1:0', '-Verify', '2', '-verify_return_error', '-www'];
  const server = spawn('openssl', [...options, ...identity], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    said += chunk;
    if (/^ACCEPT .*:\d+$/m.test(said)) break;
  }
  server.stdout.resume();
  const port = Number(/^ACCEPT .*:(\d+)$/m.exec(said)?.[1]);
  const stop = () => {
    server.kill();
    rmSync(folder, { recursive: true });
  };
  return { port, stop };
}

async function withServer(
  options: ServerOptions,
  act: (port: number, apiKeys: unknown[]) => Promise<void>,
): Promise<void> {
  const apiKeys: unknown[] = [];
  const server: Server = createServer(options, (request, response) => {
    apiKeys.push(request.headers['x-api-key']);
    response.end('secure');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await act((server.address() as AddressInfo).port, apiKeys);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

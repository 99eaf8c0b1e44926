// The client through the proxies of others: Debian's squid with Basic and Digest, and tinyproxy with Basic,
// to nginx over plain HTTP and through a tunnel.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { client, ProxyError, proxy, proxyFromEnvironment, trust } from '@gatehouse/client';
import { startNginx } from '../support/nginx.ts';
import { freePorts } from '../support/ports.ts';
import { without } from '../support/programs.ts';
import { createTestAuthority } from '../support/test-authority.ts';
import { type RunningWebProxy, startSquid, startTinyproxy } from '../support/web-proxies.ts';

const password = { username: 'ada', password: 'correct-horse' };
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-proxies-'));
const authority = createTestAuthority();
const [nginxPort = 0, squidPort = 0, tinyproxyPort = 0] = await freePorts(3);
const missing = without('nginx', '-v') || without('squid', '-v') || without('tinyproxy', '-v');

describe('the client behind proxies of others', { skip: missing }, async () => {
  if (missing) return;
  const { ca, secure, stop } = await startServers();
  const plain = createServer((request, response) => {
    response.end(
      `${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? 'no credential'}`,
    );
  }).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const open = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  const squid = await startProxy('squid', startSquid, squidPort);
  const tinyproxy = await startProxy('tinyproxy', startTinyproxy, tinyproxyPort);
  after(async () => {
    plain.close();
    plain.closeAllConnections();
    await Promise.all([squid.stop(), tinyproxy.stop(), stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const cases = [
    { name: 'squid with Digest (RFC 7616)', url: squid.url, options: { digest: password } },
    { name: 'squid with Basic (RFC 7617)', url: squid.url, options: { basic: password } },
    { name: 'tinyproxy with Basic (RFC 7617)', url: tinyproxy.url, options: { basic: password } },
  ];
  for (const { name, url, options } of cases) {
    it(`${name}: plain http, without the credential for the server`, async (t) => {
      const behind = client().with(proxy(url, options));
      t.after(() => behind.close());
      const text = () => behind.get(`${open}/path`, { query: { q: 1 } }).text();
      assert.deepEqual([await text(), await text()], Array(2).fill('GET /path?q=1 no credential'));
      assert.equal(await behind.post(`${open}/form`, { form: { a: 1 } }).text(), 'POST /form no credential');
    });

    it(`${name}: https through a tunnel, with the server's certificate checked`, async (t) => {
      const behind = client().with(proxy(url, options), trust({ ca }));
      t.after(() => behind.close());
      assert.equal(await behind.get(secure).text(), 'served by nginx');
      const distrusting = client().with(proxy(url, options));
      t.after(() => distrusting.close());
      await assert.rejects(distrusting.get(secure), { name: 'TlsError', reason: 'unknown_root' });
    });

    it(`${name}: a wrong password is reported in words, for both`, async (t) => {
      const [kind] = Object.keys(options);
      const behind = client().with(proxy(url, { [kind as string]: { ...password, password: 'wrong' } }));
      t.after(() => behind.close());
      // For plain HTTP, tinyproxy answers a wrong password with 401, like a server.
      const targets = url === tinyproxy.url ? [secure] : [open, secure];
      for (const target of targets) {
        await assert.rejects(behind.get(target), (error) => {
          assert.ok(error instanceof ProxyError, String(error));
          assert.equal(error.status, url === tinyproxy.url ? 401 : 407);
          assert.match(error.message, /requires other credentials/);
          assert.doesNotMatch(error.message, /wrong/);
          return true;
        });
      }
    });
  }

  it('a refusal of the proxy is not mistaken for an answer of the server', async (t) => {
    const behind = client().with(proxy(squid.url, { digest: password }));
    t.after(() => behind.close());
    await assert.rejects(behind.get('https://forbidden.localhost/'), { name: 'ProxyError', status: 403 });
  });

  it('NO_PROXY in CIDR notation bypasses the proxy of the environment', async (t) => {
    const environment = { http_proxy: 'http://127.0.0.1:1', NO_PROXY: '10.0.0.0/8,127.0.0.0/8' };
    const direct = client().with(proxyFromEnvironment(environment));
    t.after(() => direct.close());
    assert.equal(await direct.get(`${open}/direct`).text(), 'GET /direct no credential');
  });
});

async function startServers() {
  const { key, cert } = authority.issue();
  const [certificate, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(certificate, cert);
  writeFileSync(keyFile, key);
  const nginx = await startNginx({ folder, port: nginxPort, certificate, key: keyFile });
  return { ca: authority.root, secure: `https://localhost:${nginxPort}/`, stop: nginx.stop };
}

function startProxy(name: string, start: typeof startSquid, port: number): Promise<RunningWebProxy> {
  const own = join(folder, name);
  chmodSync(folder, 0o755); // squid's helpers run as another user
  mkdirSync(own);
  return start({ folder: own, port, ...password });
}

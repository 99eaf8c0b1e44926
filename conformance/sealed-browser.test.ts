// The browser half of sealed requests, in Chromium: small, with the WebCrypto of the browser, and through a
// proxy that ends TLS and logs all bodies.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { startBrowsers } from './support/browser.ts';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import { startLoggingProxy, withoutLoggingProxy } from './support/logging-proxy.ts';
import { freePorts } from './support/ports.ts';
import { without } from './support/programs.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const SOURCE = fileURLToPath(new URL('../packages/protocol/src/ohttp/sealed-fetch.ts', import.meta.url));
const MAX_BYTES = 12 * 1024;
const skip = withoutLoggingProxy() || without('chromium');

/** As a page would load it. */
async function bundle(): Promise<string> {
  const build = await rolldown({ input: SOURCE, platform: 'browser' });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  assert.equal(output.length, 1);
  return output[0].code;
}

it('the browser half has at most 12 KB, compressed', async () => {
  const bytes = gzipSync(await bundle(), { level: 9 }).length;
  assert.ok(bytes <= MAX_BYTES, `${bytes} bytes`);
});

describe('a page in Chromium that seals its requests', { skip }, async () => {
  if (skip) return;
  const upstream = await startRecordingUpstream();
  const code = await bundle();
  upstream.on(
    '/sealed.js',
    (_, response) => void response.setHeader('content-type', 'text/javascript').end(code),
  );
  upstream.on(
    '/page',
    (_, response) => void response.setHeader('content-type', 'text/html').end('<title>page</title>'),
  );
  upstream.on('/notes', (request, response, recorded) => {
    request.on('end', () => response.end(`secret answer to ${recorded.body}`));
  });
  const [proxyPort = 0, port = 0] = await freePorts(2);
  const server = await startServer({
    upstream: upstream.origin,
    set: [
      `gateway.listen=127.0.0.1:${port}`,
      `gateway.url=https://localhost:${proxyPort}`,
      `gateway.routes=${JSON.stringify([{ path: '/*', access: 'public' }])}`,
    ],
  });
  const proxy = await startLoggingProxy(proxyPort, port);
  const browsers = await startBrowsers([proxyPort]);
  after(async () => {
    await browsers.close();
    await proxy.stop();
    await server.stop();
    await upstream.close();
  });
  const { page } = await browsers.open();
  await page.goto(`${proxy.url}/page`);

  /** Runs in the page. */
  async function sealed(pin: string, body: string): Promise<string> {
    return page.evaluate(
      async ([script, pinned, text]) => {
        const { createSealedFetch } = await import(script);
        const sealedFetch: typeof fetch = createSealedFetch({ pins: [pinned] });
        const answer = await sealedFetch(`${location.origin}/notes`, { method: 'POST', body: text });
        return answer.text();
      },
      [`${proxy.url}/sealed.js`, pin, body] as const,
    );
  }

  async function pinOfSigner(): Promise<string> {
    const headers = { host: new URL(proxy.url).host };
    const keys = await ask({ port, ca: server.ca, path: '/.well-known/ohttp-gateway', headers });
    const [, pin = ''] = /keyid="([^"]+)"/.exec(String(keys.headers['signature-input'])) ?? [];
    return pin;
  }

  it('asks and is answered, and the proxy sees nothing of it', async () => {
    assert.equal(await sealed(await pinOfSigner(), 'secret question'), 'secret answer to secret question');
    const log = () => proxy.log().toString('latin1');
    await eventually('nginx to write its log', () => log().includes('POST /.well-known/ohttp-gateway'));
    for (const secret of ['secret question', 'secret answer', 'POST /notes'])
      assert.ok(!log().includes(secret));
  });

  it('sends nothing if another key has signed', async () => {
    const before = upstream.requests.length;
    await assert.rejects(sealed(`sha256/${'A'.repeat(43)}=`, 'secret'), /signed by sha256/);
    assert.deepEqual(
      upstream.requests.slice(before).map(({ url }) => url),
      [],
    );
  });
});

// The browser half of sealed requests, in Chromium: small, with the WebCrypto of the browser, and through a
// proxy that ends TLS and logs all bodies.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { startBrowsers } from '../support/browser.ts';
import { eventually } from '../support/conditions.ts';
import { ask } from '../support/https-client.ts';
import { startLoggingProxy, withoutLoggingProxy } from '../support/logging-proxy.ts';
import { freePorts } from '../support/ports.ts';
import { without } from '../support/programs.ts';
import { startServer } from '../support/server-under-test.ts';
import { startRecordingUpstream } from '../support/upstreams.ts';

const SOURCE = fileURLToPath(new URL('../../packages/protocol/src/ohttp/sealed-fetch.ts', import.meta.url));
const MAX_BYTES = 12 * 1024;
const skip = withoutLoggingProxy() || without('chromium');

/** The parts that pages load: one for all browsers, and one only for browsers without X-Wing. */
async function bundle() {
  const build = await rolldown({ input: SOURCE, platform: 'browser' });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  const chunks = output.filter((file) => file.type === 'chunk');
  const [entry, fallback, ...others] = chunks.toSorted((one) => (one.isEntry ? -1 : 1));
  assert(entry && fallback && others.length === 0);
  return { files: chunks, entry, fallback };
}

/** The client, bundled for a page. */
async function clientBundle() {
  const input = {
    client: fileURLToPath(new URL('../../packages/client/src/browser/index.ts', import.meta.url)),
  };
  const build = await rolldown({
    input,
    platform: 'browser',
    resolve: { conditionNames: ['browser', 'import'] },
  });
  const { output } = await build.generate({ format: 'esm', entryFileNames: '[name].js' });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}

it('the browser half has at most 12 KB, compressed, without the part for older browsers', async () => {
  const { entry, fallback } = await bundle();
  const bytes = gzipSync(entry.code, { level: 9 }).length;
  assert.ok(bytes <= MAX_BYTES, `${bytes} bytes`);
  assert.deepEqual([entry.imports, entry.dynamicImports], [[], [fallback.fileName]]);
});

describe('a page in Chromium that seals its requests', { skip }, async () => {
  if (skip) return;
  const upstream = await startRecordingUpstream();
  const { files, fallback } = await bundle();
  for (const { fileName, code } of files) {
    upstream.on(
      `/${fileName}`,
      (_, response) => void response.setHeader('content-type', 'text/javascript').end(code),
    );
  }
  for (const { fileName, code } of await clientBundle()) {
    upstream.on(
      `/${fileName}`,
      (_, response) => void response.setHeader('content-type', 'text/javascript').end(code),
    );
  }
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
  const native = (await browsers.open()).page;
  await native.goto(`${proxy.url}/page`);

  /** Runs in the page. */
  async function sealed(pin: string, body: string, page = native): Promise<string> {
    return page.evaluate(
      async ([script, pinned, text]) => {
        const { createSealedFetch } = await import(script);
        const sealedFetch: typeof fetch = createSealedFetch({ pins: [pinned] });
        const answer = await sealedFetch(`${location.origin}/notes`, { method: 'POST', body: text });
        return answer.text();
      },
      [`${proxy.url}/sealed-fetch.js`, pin, body] as const,
    );
  }

  async function pinOfSigner(): Promise<string> {
    const headers = { host: new URL(proxy.url).host };
    const keys = await ask({ port, ca: server.ca, path: '/.well-known/ohttp-gateway', headers });
    const [, pin = ''] = /keyid="([^"]+)"/.exec(String(keys.headers['signature-input'])) ?? [];
    return pin;
  }

  it('gets an answer, and the proxy cannot read the request or the answer', async () => {
    assert.equal(await sealed(await pinOfSigner(), 'secret question'), 'secret answer to secret question');
    const log = () => proxy.log().toString('latin1');
    await eventually('nginx to write its log', () => log().includes('POST /.well-known/ohttp-gateway'));
    for (const secret of ['secret question', 'secret answer', 'POST /notes'])
      assert.ok(!log().includes(secret));
  });

  it('also works in a browser whose WebCrypto has no ML-KEM, and only that browser loads the fallback', async () => {
    const loaded = () => upstream.requests.filter(({ url }) => url === `/${fallback.fileName}`).length;
    assert.equal(loaded(), 0, 'a browser that has X-Wing does not load it');
    const { page } = await browsers.open();
    await page.addInitScript(withoutMlKem);
    await page.goto(`${proxy.url}/page`);
    assert.equal(await page.evaluate(() => 'encapsulateBits' in SubtleCrypto.prototype), false);
    for (const body of ['one', 'two']) {
      assert.equal(await sealed(await pinOfSigner(), body, page), `secret answer to ${body}`);
    }
    assert.equal(loaded(), 1);
  });

  it('does so with seal() of the client, which is loaded with the first request', async () => {
    const calling = (pin: string) =>
      native.evaluate(
        async ([script, pinned]) => {
          const { client, seal } = await import(script);
          const http = client().with(seal({ pins: [pinned] }));
          const asked = http.post('/notes', { body: 'secret question' });
          const { url } = await asked;
          return asked.text().then(
            (text: string) => [text, url],
            ({ code }: { code: string }) => [code],
          );
        },
        [`${proxy.url}/client.js`, pin] as const,
      );
    assert.deepEqual(await calling(await pinOfSigner()), [
      'secret answer to secret question',
      `${proxy.url}/notes`,
    ]);
    await assert.rejects(calling(`sha256/${'A'.repeat(43)}=`), /refused the keys of the gateway/);
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

/** Runs in a page before its own scripts, and removes the modern algorithms from WebCrypto. */
function withoutMlKem(): void {
  for (const name of ['encapsulateBits', 'encapsulateKey', 'decapsulateBits', 'decapsulateKey'])
    Reflect.deleteProperty(SubtleCrypto.prototype, name);
  Reflect.deleteProperty(SubtleCrypto, 'supports');
  for (const name of ['generateKey', 'importKey'] as const) {
    const usual = SubtleCrypto.prototype[name] as (...given: unknown[]) => Promise<unknown>;
    const replaced = function (this: SubtleCrypto, ...given: unknown[]): Promise<unknown> {
      if (JSON.stringify(given).includes('MLKEM') || JSON.stringify(given).includes('ML-KEM'))
        return Promise.reject(new DOMException('not supported', 'NotSupportedError'));
      return usual.apply(this, given);
    };
    Object.assign(SubtleCrypto.prototype, { [name]: replaced });
  }
}

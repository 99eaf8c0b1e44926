// The client in Chromium, bundled with the package's condition `browser`. Functions that a page can have
// work, and the others exist and say why they do not work.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import * as forNode from '@gatehouse/client';
import * as forBrowsers from '@gatehouse/client/browser';
import {
  contentDigest,
  importSigningKey,
  importVerifyingKey,
  type JsonKey,
  type RequestMessage,
  readSignatures,
  signMessage,
  verifySignature,
} from '@gatehouse/protocol';
import { rolldown } from 'rolldown';
import { startBrowsers } from '../support/browser.ts';

const noChromium = existsSync('/usr/bin/chromium') ? false : 'needs chromium (apt-get install chromium)';

/** One file for pages, as small as bundlers make it. */
async function bundle(): Promise<string> {
  const build = await rolldown({
    input: 'entry',
    platform: 'browser',
    cwd: import.meta.dirname,
    resolve: { conditionNames: ['browser', 'import'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? '\0entry' : undefined),
        load: (id) => (id === '\0entry' ? "export * from '@gatehouse/client';" : undefined),
      },
    ],
  });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false, minify: true });
  await build.close();
  return output[0].code;
}

it('every function of the client for Node has its name in browsers', () => {
  const functions = Object.entries(forNode).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name),
  );
  const others = functions.map(([name]) => name).filter((name) => !(name in forBrowsers));
  assert.deepEqual(others, []);
});

/** All other functions work in Chromium: see below. */
const UNSUPPORTED = [
  ...['cache', 'connectTls', 'cookies', 'createClient', 'digest', 'ftp', 'identityFromFiles', 'listenTls'],
  ...['memoryStore', 'proxy', 'proxyFromEnvironment', 'renewAtGatehouse', 'renewingIdentity', 'signIn'],
  ...['signOut', 'tokenFile', 'trust', 'xmlrpcServer'],
];

it('functions that a browser cannot have say so by name, and no others', () => {
  const calls = Object.entries(forBrowsers).filter(([name]) => UNSUPPORTED.includes(name));
  assert.equal(calls.length, UNSUPPORTED.length);
  for (const [name, call] of calls) {
    const message = new RegExp(`^${name} does not work in a browser: `);
    assert.throws(call as () => void, { name: 'Unsupported', feature: name, message });
  }
  const supported = Object.entries(forBrowsers).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name) && !UNSUPPORTED.includes(name),
  );
  for (const [name, call] of supported) {
    assert.doesNotMatch(String(call), /new Unsupported\(name/, name);
  }
  for (const name of ['authorizationCode', 'device'] as const)
    assert.throws(forBrowsers.oauth2[name], { feature: `oauth2.${name}` });
  assert.throws(() => forBrowsers.client().download(), { feature: 'download' });
});

it('an option that a browser cannot fulfil is refused, and not ignored', () => {
  const options = [
    { publicOnly: true },
    { http2: true },
    { decompress: false },
    { plaintextRedirects: true },
    { timeouts: { connectSeconds: 1 } },
    { limits: { redirects: 1 } },
  ];
  for (const option of options) {
    const [[name, value]] = Object.entries(option) as [[string, unknown]];
    const feature = typeof value === 'object' ? `${name}.${Object.keys(value ?? {})[0]}` : name;
    assert.throws(() => forBrowsers.client(option as object), { name: 'Unsupported', feature });
  }
  forBrowsers.client({ timeouts: { totalSeconds: 1 }, limits: { bodyBytes: 1 }, secretHeaders: ['x-a'] });
});

describe('the client in Chromium', { skip: noChromium }, async () => {
  if (noChromium) return;
  const code = await bundle();
  let busy = 2;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, search, searchParams } = new URL(request.url ?? '', 'http://x');
    const { headers, method } = request;
    const content = await text(request);
    if (pathname === '/client.js') return response.setHeader('content-type', 'text/javascript').end(code);
    if (pathname === '/page')
      return response.setHeader('content-type', 'text/html').end('<title>page</title>');
    if (pathname === '/busy' && busy-- > 0) return response.writeHead(503).end();
    if (pathname === '/token') return response.end('{"access_token":"issued","expires_in":60}');
    if (pathname === '/problem') {
      return response
        .writeHead(404, { 'content-type': 'application/problem+json' })
        .end('{"detail":"There is no such note."}');
    }
    if (pathname === '/to') return response.writeHead(302, { location: searchParams.get('url') ?? '' }).end();
    if (pathname === '/events') return response.end('data: one\n\ndata: two\n\n');
    if (pathname === '/lines') return response.end('{"n":1}\n{"n":2}\n');
    if (pathname === '/large') return response.end(Buffer.alloc(100_000));
    if (pathname === '/never') return;
    if (pathname === '/RPC2')
      return response.end(await methods.answer(Buffer.from(content), { address: '' }));
    if (pathname === '/signed') return answerSigned(request, response);
    return response.end(JSON.stringify({ method, search, content, headers }));
  };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const json = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' } as JsonKey;
  const privateJson = privateKey.export({ format: 'jwk' }) as JsonKey;
  /**
   * Answers 401 if the request is not signed by the key. The answer to `?forged` is signed for another
   * request.
   */
  async function answerSigned(request: IncomingMessage, response: ServerResponse) {
    const { method = '', url = '', headers, rawHeaders } = request;
    const asked = { method, scheme: 'http', authority: headers.host ?? '', target: url, fields: rawHeaders };
    const now = Math.floor(Date.now() / 1000);
    try {
      const [signature] = readSignatures(rawHeaders);
      if (signature === undefined) throw new Error('not signed');
      const policy = { components: ['@path', 'content-digest'], now, maxAgeSeconds: 60, maxSkewSeconds: 60 };
      await verifySignature(signature, asked as RequestMessage, {
        key: await importVerifyingKey(json),
        policy,
      });
    } catch (error) {
      return response.writeHead(401).end(String(error));
    }
    const digest = await contentDigest(Buffer.from('signed answer'));
    const components = [
      '@status',
      'content-digest',
      '@method;req',
      '@authority;req',
      '@path;req',
      '@query;req',
    ];
    const to = url.includes('forged') ? { ...asked, target: '/other' } : asked;
    const message = { status: 200, fields: ['content-digest', digest], request: to as RequestMessage };
    const options = { components: [...components, 'signature;req'], created: now, keyid: 'k1' };
    const fields = await signMessage(message, await importSigningKey(privateJson), options);
    return response.writeHead(200, { 'content-digest': digest, ...fields }).end('signed answer');
  }
  const methods = forNode.xmlrpcServer({
    add: (a: number, b: number) => a + b,
    echo: (value: unknown) => value,
    'note.fail'() {
      throw new forNode.XmlRpcFault(4, 'There is no such note.');
    },
  });
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browsers = await startBrowsers([]);
  const { page } = await browsers.open();
  await page.goto(`${site}/page`);
  after(async () => {
    await browsers.close();
    server.close();
    server.closeAllConnections();
  });

  it('the bundle has nothing of Node', () => {
    assert.doesNotMatch(code, /from ["']node:|require\(|\bBuffer\b/);
  });

  it('sends queries, forms, JSON and files, and reads text, events and lines', async () => {
    const found = await page.evaluate(`(async () => {
      const { client } = await import('/client.js');
      const http = client();
      const file = new File(['file content'], 'a.txt', { type: 'text/x-test' });
      return {
        query: (await http.get('/echo', { query: { a: 'ü', b: [1, 2] } }).json()).search,
        form: (await http.post('/echo', { form: { a: 'b c' } }).json()).content,
        json: (await http.put('/echo', { json: { a: 1 } }).json()).content,
        multipart: (await http.post('/echo', { multipart: { title: 't', file } }).json()).content,
        asFetch: await (await http(new Request('/echo', { method: 'POST', body: 'x' }))).json(),
        events: (await Array.fromAsync(http.get('/events').sse())).map(({ data }) => data),
        lines: await Array.fromAsync(http.get('/lines').ndjson()),
      };
    })()`);
    const { query, form, json, multipart, asFetch, events, lines } = found as Record<string, unknown>;
    assert.deepEqual([query, form, json], ['?a=%C3%BC&b=1&b=2', 'a=b+c', '{"a":1}']);
    assert.match(
      String(multipart),
      /name="title"[\s\S]*filename="a\.txt"[\s\S]*text\/x-test[\s\S]*file content/,
    );
    assert.equal((asFetch as { content: string }).content, 'x');
    assert.deepEqual(
      [events, lines],
      [
        ['one', 'two'],
        [{ n: 1 }, { n: 2 }],
      ],
    );
  });

  it('has the same middleware and the same errors', async () => {
    const found = await page.evaluate(`(async () => {
      const { apiKey, basic, bearer, client, oauth2, retry, trace } = await import('/client.js');
      const http = client();
      const sent = async (step, name) => (await http.with(step).get('/echo').json()).headers[name];
      const failure = (promise) => promise.then(() => 'nothing', ({ name, code, status, phase, message }) => ({ name, code, status, phase, message }));
      const seen = [];
      const own = async (request, next) => { seen.push(request.method); return next(request); };
      const tokens = oauth2.clientCredentials({ tokenEndpoint: location.origin + '/token', clientId: 'a', clientSecret: 'ü' });
      return {
        basic: await sent(basic({ username: 'ü', password: 'b' }), 'authorization'),
        bearer: await sent(bearer('t'), 'authorization'),
        key: await sent(apiKey('k'), 'x-api-key'),
        oauth: await sent(tokens, 'authorization'),
        retried: (await http.with(retry({ baseSeconds: 0.001 }), own, trace(() => seen.push('traced'))).get('/busy')).status,
        seen,
        problem: await failure(http.get('/problem').json()),
        limit: await failure(client({ limits: { bodyBytes: 1000 } }).get('/large').bytes()),
        timeout: await failure(client({ timeouts: { totalSeconds: 0.1 } }).get('/never').text()),
        aborted: await failure(http.get('/echo', { signal: AbortSignal.abort() }).text()),
        refused: await failure(http.get('http://127.0.0.1:1/').text()),
      };
    })()`);
    const all = found as Record<string, Record<string, unknown>>;
    assert.equal(all.basic, `Basic ${Buffer.from('ü:b').toString('base64')}`);
    assert.deepEqual([all.bearer, all.key, all.oauth], ['Bearer t', 'k', 'Bearer issued']);
    assert.deepEqual([all.retried, all.seen], [200, ['GET', 'traced']]);
    assert.deepEqual([all.problem?.name, all.problem?.status], ['HttpError', 404]);
    assert.match(String(all.problem?.message), /There is no such note/);
    assert.deepEqual(
      [all.limit?.name, all.timeout?.name, all.timeout?.phase],
      ['LimitError', 'TimeoutError', 'total'],
    );
    assert.deepEqual([all.aborted?.name, all.refused?.name], ['AbortError', 'ConnectError']);
  });

  it('shows each piece, and counts the received octets', async () => {
    const found = await page.evaluate(`(async () => {
      const { client } = await import('/client.js');
      const http = client();
      const seen = [];
      const onProgress = ({ direction, bytes, total }) => { seen.push([direction, bytes, total]); };
      let pieces = 0;
      await http.get('/large', { onProgress }).each((piece) => { pieces += piece.length; });
      const last = seen.at(-1);
      await http.get('/large', { onProgress }).bytes();
      const thrown = await http.get('/large').each(() => { throw new Error('enough'); }).catch(({ message }) => message);
      return { pieces, last, again: seen.at(-1), thrown, accepted: (await http.get('/problem').accepted([404])).status };
    })()`);
    const whole = ['down', 100_000, 100_000];
    assert.deepEqual(found, { pieces: 100_000, last: whole, again: whole, thrown: 'enough', accepted: 404 });
  });

  it('calls XML-RPC', async () => {
    const found = await page.evaluate(`(async () => {
      const { client, xmlrpc, xmlrpcDouble } = await import('/client.js');
      const api = xmlrpc(client(), location.origin + '/RPC2');
      const octets = await api.echo(new Uint8Array([0, 255, 7]));
      return {
        sum: await api.add(1, 2),
        octets: octets instanceof Uint8Array && [...octets],
        struct: await api.echo({ a: [true, null, 'ü'], half: xmlrpcDouble(2) }),
        names: (await api.system.listMethods()).length,
        fault: await api.note.fail().catch(({ name, faultCode, faultString }) => [name, faultCode, faultString]),
        other: await xmlrpc(client(), location.origin + '/echo').add(1, 2).catch(({ code }) => code),
      };
    })()`);
    assert.deepEqual(found, {
      sum: 3,
      octets: [0, 255, 7],
      struct: { a: [true, null, 'ü'], half: 2 },
      names: 7,
      fault: ['XmlRpcFault', 4, 'There is no such note.'],
      other: 'protocol',
    });
  });

  it('signs requests, and accepts only answers that are signed for them', async () => {
    const found = await page.evaluate(`(async () => {
      const { client, sign, verifySignature } = await import('/client.js');
      const key = ${JSON.stringify(privateJson)};
      const http = client().with(sign({ key, keyId: 'k1' }), verifySignature({ keys: [${JSON.stringify(json)}] }));
      const failure = (promise) => promise.then((text) => text, ({ name, reason }) => [name, reason]);
      const file = new File(['file content'], 'a.txt');
      return {
        get: await failure(http.get('/signed?a=1').text()),
        form: await failure(http.post('/signed', { multipart: { title: 't', file } }).text()),
        forged: await failure(http.get('/signed?forged').text()),
        plain: await failure(http.get('/echo').text()),
        unsigned: (await client().get('/signed')).status,
      };
    })()`);
    assert.deepEqual(found, {
      get: 'signed answer',
      form: 'signed answer',
      forged: ['SignatureError', 'signature_invalid'],
      plain: ['SignatureError', 'signature_missing'],
      unsigned: 401,
    });
  });

  it('has the same hashes and HMACs, if WebCrypto has them', async () => {
    const found = await page.evaluate(`(async () => {
      const { hash, hasHash, hmac, hasHmac, Unsupported } = await import('/client.js');
      return [
        await hash('sha256', 'text'),
        await hash('sha512', new Blob(['te', 'xt']).stream()),
        await hmac('sha384', 'key', 'text'),
        await hasHash('sha256', 'text', (await hash('sha256', 'text')).toUpperCase()),
        await hasHmac('sha256', 'key', 'text', await hmac('sha256', 'key', 'other')),
        await hash('sha3-256', 'text').catch((error) => error instanceof Unsupported),
      ];
    })()`);
    const { hash, hmac } = forNode;
    assert.deepEqual(found, [
      await hash('sha256', 'text'),
      await hash('sha512', 'text'),
      await hmac('sha384', 'key', 'text'),
      true,
      false,
      true,
    ]);
  });

  it('sends no secret to the target of a redirect, and none over plain HTTP', async () => {
    const found = await page.evaluate(`(async () => {
      const { apiKey, client } = await import('/client.js');
      const http = client().with(apiKey('k'));
      const failure = (promise) => promise.then(() => 'nothing', ({ name, code }) => [name, code]);
      return {
        redirect: await failure(http.get('/to?url=/echo').text()),
        plain: await failure(client().with(apiKey('k')).get('http://gatehouse.example/').text()),
        without: (await client().get('/to?url=/echo')).redirected,
      };
    })()`);
    assert.deepEqual(found, {
      redirect: ['ConnectError', 'connect'],
      plain: ['AuthError', 'identity_plaintext'],
      without: true,
    });
  });
});

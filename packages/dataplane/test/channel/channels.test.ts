// The encrypted endpoint of a route: what the upstream and the client get, also after failures.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { ChannelSource } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import {
  createEncryptedSessions,
  createFernet,
  type EncryptedSessions,
  exportX25519PublicKey,
  generateX25519KeyPair,
  importX25519PublicKey,
} from '@gatehouse/protocol';
import { createChannels } from '../../src/channel/channels.ts';
import { admitted, startEngine } from '../support/engine.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const SOURCE: ChannelSource = {
  secrets: [{ secret: new Uint8Array(32).fill(7), endsAt: Date.now() + 600_000 }],
  signing: {
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    chain: 'PEM',
    fingerprint: 'sha256/x',
  },
  tokenSeconds: 60,
  maxSessions: 10,
  maxMessageBytes: 10_000,
};

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

test('the upstream gets the message as a POST, and the client an answer that only it can read', async (t) => {
  const { url, received } = await gateway(t, { answer: (_, body) => [201, `got ${body}`] });
  const { send } = await open(url);
  const { status, message, reply } = await send('{"text": "hello"}', {
    'user-agent': 'robot',
    'content-language': 'en',
    'accept-encoding': 'gzip',
    'x-trace': '1',
  });
  assert.deepEqual([status, message, reply], [201, 'Successfully Decrypted Data', 'got {"text": "hello"}']);
  const [request] = received;
  assert.deepEqual(
    [request?.method, request?.url, request?.body],
    ['POST', '/sealed/a?b=c', '{"text": "hello"}'],
  );
  const { headers = {} } = request ?? {};
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['content-length'], '17');
  assert.deepEqual([headers['user-agent'], headers['x-trace']], ['robot', '1']);
  assert.deepEqual(
    [headers['accept-encoding'], headers['content-language'], headers.accept],
    [undefined, undefined, undefined],
  );
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
});

test('offers and keys do not reach the upstream', async (t) => {
  const { url, received } = await gateway(t, {});
  await open(url);
  assert.deepEqual(received, []);
});

test('an empty message and an empty answer pass', async (t) => {
  const { url, received } = await gateway(t, { answer: () => [204, ''] });
  const { send } = await open(url);
  assert.deepEqual(await send(''), { status: 204, message: undefined, reply: undefined });
  assert.equal(received[0]?.headers['content-length'], '0');
});

test('a repeated message is refused, and the upstream gets it once', async (t) => {
  const { url, received, logged, counted } = await gateway(t, {});
  const { token, post } = await open(url);
  const once = await token('pay 10');
  assert.equal((await post({ cipher_text: once })).status, 200);
  const again = await post({ cipher_text: once });
  assert.deepEqual([again.status, await again.text()], [400, '{"error": "Bad request"}']);
  assert.equal(received.length, 1);
  assert.deepEqual(logged, ['cipher_text_repeated']);
  const answered = 'channel answered';
  assert.deepEqual(counted, [answered, answered, answered, 'channel cipher_text_repeated']);
});

test('accepts a session of another worker, and refuses a token that another worker has accepted', async (t) => {
  const sessions = createEncryptedSessions(Date.now);
  const [one, other] = [await gateway(t, { sessions }), await gateway(t, { sessions })];
  const { token, post, clientId } = await open(one.url);
  const first = await token('x');
  assert.equal((await post({ cipher_text: first })).status, 200);
  const there = (body: object) =>
    fetch(other.url, { method: 'POST', body: JSON.stringify({ ...body, client_id: clientId }) });
  assert.equal((await there({ cipher_text: first })).status, 400);
  assert.equal((await there({ cipher_text: await token('y') })).status, 200);
  const { publicKey } = await generateX25519KeyPair();
  assert.equal((await there({ pub_key: exportX25519PublicKey(publicKey) })).status, 400);
});

test('a failure of the upstream is a 502 without its cause, as for any request', async (t) => {
  const { url, close } = await gateway(t, {});
  const { token, post } = await open(url);
  await close();
  const response = await post({ cipher_text: await token('x') });
  assert.equal(response.status, 502);
  assert.equal(((await response.json()) as { code: string }).code, 'upstream_failed');
});

test('a too long answer is a failure of the upstream', async (t) => {
  const { url } = await gateway(t, { answer: () => [200, 'x'.repeat(10_001)] });
  const { token, post } = await open(url);
  assert.equal((await post({ cipher_text: await token('x') })).status, 502);
});

test('a message that is too long is refused with 413', async (t) => {
  const { url, received } = await gateway(t, {});
  const { token, post } = await open(url);
  const response = await post({ cipher_text: await token('x'.repeat(10_000)) });
  assert.deepEqual([response.status, await response.text()], [413, '{"error": "Request body too large"}']);
  assert.deepEqual(received, []);
});

test('without the state of the sessions, a message is refused with 503 and not forwarded', async (t) => {
  const down = new GatehouseError('unavailable', 'The server cannot tell the state of this session.');
  const sessions: EncryptedSessions = {
    ...createEncryptedSessions(Date.now),
    use: () => Promise.reject(down),
  };
  const { url, received } = await gateway(t, { sessions });
  const { token, post } = await open(url);
  const response = await post({ cipher_text: await token('x') });
  assert.equal(response.status, 503);
  assert.deepEqual(received, []);
});

test('a message without free memory is refused with 503, and its memory is released', async (t) => {
  const { url } = await gateway(t, { maxBufferedBytes: 1000 });
  const { token, post } = await open(url);
  for (let times = 0; times < 3; times += 1) {
    assert.equal((await post({ cipher_text: await token('x'.repeat(1000)) })).status, 503);
    assert.equal((await post({ cipher_text: await token('x'.repeat(100)) })).status, 200);
  }
});

test('without keys, a request is refused with 503', async (t) => {
  const { url } = await gateway(t, { source: () => undefined });
  assert.equal((await fetch(url)).status, 503);
});

test('other methods get 405, HEAD without a body', async (t) => {
  const { url } = await gateway(t, {});
  const deleted = await fetch(url, { method: 'DELETE' });
  assert.deepEqual([deleted.status, deleted.headers.get('allow')], [405, 'GET, POST']);
  const head = await fetch(url, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [405, '']);
});

interface Options {
  answer?: (request: IncomingMessage, body: string) => [status: number, body: string];
  sessions?: EncryptedSessions;
  source?: () => ChannelSource | undefined;
  maxBufferedBytes?: number;
}

/** An engine in front of an upstream, with one route that opens the channel. */
async function gateway(
  t: TestContext,
  { answer = () => [200, 'ok'], sessions, source = () => SOURCE, maxBufferedBytes }: Options,
) {
  const received: Received[] = [];
  const logged: unknown[] = [];
  const counted: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { method, url, headers } = request;
    received.push({ method, url, headers, body });
    const [status, content] = answer(request, body);
    response.writeHead(status).end(content);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const upstream = (server.address() as AddressInfo).port;
  const { port } = await startEngine(t, {
    upstream,
    admission: {
      admit(state) {
        state.decision = 'allowed';
        const usual = admitted(upstream, state.request.target);
        return { ...usual, route: { ...usual.route, channel: { contentType: 'application/json' } } };
      },
    },
    channels: (upstreams) =>
      createChannels(
        {
          upstreams,
          log: { event: (_, facts) => void logged.push((facts as { reason: string }).reason) },
          source,
          sessions: sessions ?? createEncryptedSessions(Date.now),
          counts: { outcome: (of, result) => void counted.push(`${of} ${result}`) },
        },
        maxBufferedBytes,
      ),
  });
  return { url: `http://127.0.0.1:${port}/sealed/a?b=c`, received, logged, counted, close };
}

/** A client that has exchanged keys. */
async function open(url: string) {
  const { client_id: clientId, pub } = (await (await fetch(url)).json()) as Record<string, string>;
  const pair = await generateX25519KeyPair();
  const fernet = createFernet(await pair.sharedSecret(importX25519PublicKey(pub ?? '')));
  const post = (body: object, headers: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', headers, body: JSON.stringify({ ...body, client_id: clientId }) });
  assert.equal((await post({ pub_key: exportX25519PublicKey(pair.publicKey), uid: 1 })).status, 200);
  const token = (message: string) => fernet.encrypt(message);
  async function send(message: string, headers?: Record<string, string>) {
    const response = await post({ cipher_text: await token(message) }, headers);
    const body = await response.text();
    const value = (body === '' ? {} : JSON.parse(body)) as Record<string, string>;
    const reply = value.cipher_text && new TextDecoder().decode(await fernet.decrypt(value.cipher_text));
    return { status: response.status, message: value.message, reply };
  }
  return { clientId, post, token, send };
}

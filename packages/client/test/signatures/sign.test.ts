import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { importVerifyingKey, type JsonKey, readSignatures, verifySignature } from '@gatehouse/protocol';
import type { HttpRequest } from '../../src/http/middleware.ts';
import { sign } from '../../src/index.ts';
import { messageOf } from '../../src/signatures/index.ts';
import { requestTo } from '../support/request.ts';

const pair = generateKeyPairSync('ed25519');
const pem = String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const NOW = 1_700_000_000;
let nonces = 0;
const deps = { now: () => NOW * 1000 + 999, nonce: () => `n-${++nonces}` };

async function sentBy(middleware: ReturnType<typeof sign>, request: HttpRequest): Promise<HttpRequest> {
  let sent = request;
  await middleware(request, async (passed) => {
    sent = passed;
    return new Response();
  });
  return sent;
}

const post = (content: HttpRequest['content']): HttpRequest => ({
  ...requestTo('https://api.example/notes?page=2'),
  method: 'POST',
  headers: new Headers({ 'content-type': 'text/plain' }),
  content,
});

test('signs the components that a gateway requires and the type, with a new nonce each time', async () => {
  const middleware = sign({ key: pem, keyId: 'robot' }, deps);
  const sent = await sentBy(middleware, post('hello'));
  const [signature] = readSignatures([...sent.headers].flat());
  assert.ok(signature);
  assert.deepEqual(
    signature.components.map(({ value }) => value.value),
    ['@method', '@authority', '@path', '@query', 'content-digest', 'content-type'],
  );
  assert.deepEqual([signature.keyid, signature.created, signature.nonce], ['robot', NOW, 'n-1']);
  const key = await importVerifyingKey(pair.publicKey.export({ format: 'jwk' }) as JsonKey);
  const policy = { components: [], now: NOW, maxAgeSeconds: 0, maxSkewSeconds: 0 };
  await verifySignature(signature, messageOf(sent), { key, policy });
  assert.match((await sentBy(middleware, post('hello'))).headers.get('signature-input') ?? '', /nonce="n-2"/);
});

test('signs once more with the nonce that a server asks for, and only once (RFC 9421 §5.1)', async () => {
  const asked = (value: string) =>
    new Response(null, { status: 401, headers: { 'accept-signature': value } });
  const noncesFor = async (answer: (attempt: number) => Response) => {
    const sent: string[] = [];
    const last = await sign({ key: pem, keyId: 'robot' }, deps)(
      post('hello'),
      async ({ headers, content }) => {
        assert.equal(Buffer.from(content as Uint8Array).toString(), 'hello');
        sent.push(/nonce="([^"]*)"/.exec(headers.get('signature-input') ?? '')?.[1] ?? '');
        return answer(sent.length);
      },
    );
    return { sent, status: last.status };
  };
  const wanted = 'sig1=("@method");created;nonce="theirs"';
  const { sent, status } = await noncesFor((attempt) => (attempt === 1 ? asked(wanted) : new Response()));
  assert.deepEqual([sent[1], sent.length, status], ['theirs', 2, 200]);
  assert.equal((await noncesFor(() => asked(wanted))).sent.length, 2);
  for (const other of ['sig1=("@method");created', 'sig1=(;;', 'a=();nonce=:AA==:', '']) {
    assert.deepEqual((await noncesFor(() => asked(other))).sent.length, 1, other);
  }
});

test('signs the digest of any content, also of empty content', async () => {
  const digestFor = async (content: HttpRequest['content']) =>
    (await sentBy(sign({ key: pem, keyId: 'robot' }, deps), post(content))).headers.get('content-digest');
  const expected = 'sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:';
  assert.equal(await digestFor('hello'), expected);
  assert.equal(await digestFor(Buffer.from('hello')), expected);
  assert.equal(await digestFor(() => Readable.from([Buffer.from('hel'), Buffer.from('lo')])), expected);
  assert.equal(await digestFor(null), 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:');
});

test('accepts keys as KeyObject and as JSON, and a secret', async () => {
  const keys = [pair.privateKey, pair.privateKey.export({ format: 'jwk' }) as JsonKey, new Uint8Array(32)];
  for (const key of keys) {
    const { headers } = await sentBy(sign({ key, keyId: 'robot' }, deps), post(null));
    assert.ok(headers.has('signature'));
  }
});

test('refuses a key that cannot sign or is for another algorithm', async () => {
  const publicPem = String(pair.publicKey.export({ type: 'spki', format: 'pem' }));
  const refused = [
    sign({ key: publicPem, keyId: 'robot' }, deps),
    sign({ key: 'nonsense', keyId: 'robot' }, deps),
    sign({ key: pem, keyId: 'robot', algorithm: 'rsa-pss-sha512' }, deps),
  ];
  for (const middleware of refused) await assert.rejects(sentBy(middleware, post(null)), TypeError);
});

test('signs no request to another origin', async () => {
  const middleware = sign({ key: pem, keyId: 'robot', origin: 'https://other.example' }, deps);
  assert.equal((await sentBy(middleware, post('x'))).headers.has('signature'), false);
});

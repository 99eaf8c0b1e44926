import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { contentDigest, importSigningKey, type JsonKey, signMessage } from '@gatehouse/protocol';
import type { HttpRequest, Next } from '../../src/http/middleware.ts';
import { SignatureError, type VerifySignatureOptions, verifySignature } from '../../src/index.ts';
import { messageOf } from '../../src/signatures/index.ts';
import { requestTo } from '../support/request.ts';

const NOW = 1_700_000_000;
const clocks = { now: () => NOW * 1000, elapsed: () => 0 };
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = await importSigningKey(pair.privateKey.export({ format: 'jwk' }) as JsonKey);
const publicKey = { ...(pair.publicKey.export({ format: 'jwk' }) as JsonKey), kid: 'k1' };
const FULL = ['@status', 'content-digest', '@method;req', '@authority;req', '@path;req', '@query;req'];

interface Made {
  components?: readonly string[];
  created?: number;
  keyid?: string;
  body?: string;
  /** Sent in place of the body. */
  sent?: string;
  to?: HttpRequest;
}

async function answer(request: HttpRequest, made: Made = {}): Promise<Response> {
  const { components = FULL, created = NOW, keyid = 'k1', body = 'hello', sent = body, to = request } = made;
  const fields = ['content-digest', await contentDigest(Buffer.from(body))];
  const message = { status: 200, fields, request: messageOf(to) };
  const signature = await signMessage(message, signer, { components, created, keyid });
  const headers = new Headers([['content-digest', fields[1] ?? ''], ...Object.entries(signature)]);
  return new Response(sent, { headers });
}

const request = requestTo('https://api.example/notes?page=2');
const verify = (next: Next, options: VerifySignatureOptions = { keys: [publicKey] }, of = request) =>
  verifySignature(options, clocks)(of, next);
const reason = (code: string) => (error: unknown) => {
  assert.ok(error instanceof SignatureError, String(error));
  assert.deepEqual([error.code, error.reason], ['signature', code]);
  return true;
};

test('returns the answer that is signed for the request', async () => {
  const response = await verify((sent) => answer(sent));
  assert.equal(await response.text(), 'hello');
});

const refused: Record<string, [made: Made, code: string]> = {
  'to another request': [{ to: requestTo('https://api.example/other') }, 'signature_invalid'],
  'with other content': [{ sent: 'jello' }, 'digest_mismatch'],
  'by an unknown key': [{ keyid: 'k2' }, 'signature_key_unknown'],
  'that is too old': [{ created: NOW - 301 }, 'signature_expired'],
  'from the future': [{ created: NOW + 61 }, 'signature_expired'],
  'that does not cover its status': [{ components: FULL.slice(1) }, 'signature_incomplete'],
  'that does not cover the request': [{ components: FULL.slice(0, 2) }, 'signature_incomplete'],
};
for (const [what, [made, code]] of Object.entries(refused)) {
  test(`refuses an answer ${what}`, async () => {
    await assert.rejects(
      verify((sent) => answer(sent, made)),
      reason(code),
    );
  });
}

test('refuses an answer that is not signed, or whose signature cannot be read', async () => {
  await assert.rejects(
    verify(async () => new Response('x')),
    reason('signature_missing'),
  );
  const half = new Response('x', { headers: { signature: 'a=:AAAA:' } });
  await assert.rejects(
    verify(async () => half),
    reason('signature_malformed'),
  );
});

test('requires that the answer to a signed request covers its signature', async () => {
  const signed = { ...request, headers: new Headers({ signature: 'sig1=:AAAA:' }) };
  const options = { keys: [publicKey] };
  await assert.rejects(
    verify((sent) => answer(sent), options, signed),
    reason('signature_incomplete'),
  );
  const bound = { components: [...FULL, 'signature;req'] };
  assert.equal((await verify((sent) => answer(sent, bound), options, signed)).status, 200);
});

test('fetches the keys of the origin once, and again for an unknown key', async () => {
  let elapsed = 0;
  let keys = [publicKey];
  const asked: string[] = [];
  const middleware = verifySignature({}, { now: clocks.now, elapsed: () => elapsed });
  const ask = (keyid: string) =>
    middleware(request, async (sent) => {
      if (sent.url.pathname !== '/.well-known/gatehouse-signature-jwks.json') return answer(sent, { keyid });
      asked.push(sent.url.href);
      assert.deepEqual([...sent.headers.keys()], ['accept']);
      return Response.json({ keys });
    });
  await ask('k1');
  await ask('k1');
  assert.deepEqual(asked, ['https://api.example/.well-known/gatehouse-signature-jwks.json']);
  keys = [publicKey, { ...publicKey, kid: 'k2' }];
  await assert.rejects(ask('k2'), reason('signature_key_unknown'));
  elapsed = 10_001;
  await ask('k2');
  assert.equal(asked.length, 2);
});

test('fetches no keys over plain HTTP from another machine, and reports missing keys', async () => {
  const plain = requestTo('http://api.example/');
  await assert.rejects(
    verify((sent) => answer(sent), {}, plain),
    reason('signature_key_unknown'),
  );
  const without: Next = async (sent) =>
    sent.url.pathname.startsWith('/.well-known') ? new Response('', { status: 404 }) : answer(sent);
  await assert.rejects(verify(without, {}), reason('signature_key_unknown'));
});

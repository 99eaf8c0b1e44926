// gatehouse request --sign and --verify-signature: prints only verified answers.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { JsonKey, RequestMessage } from '@gatehouse/protocol';
import {
  contentDigest,
  fieldText,
  importSigningKey,
  importVerifyingKey,
  readSignatures,
  signMessage,
  verifyContentDigest,
  verifySignature,
} from '@gatehouse/protocol';
import { encryptPrivateKey } from '@gatehouse/x509';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const client = generateKeyPairSync('ed25519');
const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = (key: typeof client.publicKey) => key.export({ format: 'jwk' }) as JsonKey;
const verifier = await importVerifyingKey(jwk(client.publicKey));
const signer = await importSigningKey(jwk(server.privateKey));
const keySet = JSON.stringify({ keys: [{ ...jwk(server.publicKey), kid: 'k1' }] });
const COVERED = ['@status', 'content-digest', '@method;req', '@authority;req', '@path;req', '@query;req'];

/** Answers `verified` if the request is signed. The answer is signed, except at paths that name a fault. */
async function serve(t: TestContext): Promise<string> {
  const http = createServer(async (request, response) => {
    if (request.url?.startsWith('/.well-known/')) return response.end(keySet);
    const body = await buffer(request);
    const message = messageOf(request);
    const text = (await isSigned(message, body)) ? 'verified' : 'not signed';
    if (request.url === '/own-nonce' && !/nonce="theirs"/.test(String(request.headers['signature-input']))) {
      response.writeHead(401, { 'accept-signature': 'sig1=("@method");created;nonce="theirs"' });
      return response.end(text);
    }
    if (request.url === '/unsigned') return response.end(text);
    const digest = await contentDigest(Buffer.from(text));
    response.setHeader('content-digest', digest);
    const bound = fieldText(message.fields, 'signature') === undefined ? [] : ['signature;req'];
    const to = request.url === '/spliced' ? { ...message, target: '/other' } : message;
    const answer = { status: 200, fields: ['content-digest', digest], request: to };
    const options = {
      components: [...COVERED, ...bound],
      created: Math.floor(Date.now() / 1000),
      keyid: 'k1',
    };
    for (const [name, value] of Object.entries(await signMessage(answer, signer, options))) {
      response.setHeader(name, value);
    }
    response.end(request.url === '/altered' ? 'not what was signed' : text);
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

function messageOf({ method = '', url = '', headers, rawHeaders }: IncomingMessage): RequestMessage {
  return { method, scheme: 'http', authority: headers.host ?? '', target: url, fields: rawHeaders };
}

async function isSigned(message: RequestMessage, body: Buffer): Promise<boolean> {
  const [signature] = readSignatures(message.fields);
  if (signature?.keyid !== 'robot-key') return false;
  const components = ['@method', '@authority', '@path', '@query', 'content-digest'];
  const now = Math.floor(Date.now() / 1000);
  const policy = { components, now, maxAgeSeconds: 60, maxSkewSeconds: 60, requireNonce: true };
  await verifySignature(signature, message, { key: verifier, policy });
  await verifyContentDigest(fieldText(message.fields, 'content-digest'), body);
  return true;
}

function files(t: TestContext) {
  const folder = temporaryFolder(t);
  const [key, sealed, passphrase] = ['robot.key', 'sealed.key', 'passphrase'].map((name) =>
    join(folder, name),
  );
  writeFileSync(key as string, String(client.privateKey.export({ type: 'pkcs8', format: 'pem' })));
  writeFileSync(sealed as string, encryptPrivateKey(client.privateKey, 'correct horse'));
  writeFileSync(passphrase as string, 'correct horse', { mode: 0o600 });
  const base = ['--data-folder', folder];
  return { folder, key: key as string, sealed: sealed as string, passphrase: passphrase as string, base };
}

test('signs requests with and without a body, and prints an answer that is signed for the request', async (t) => {
  const origin = await serve(t);
  const { key, base } = files(t);
  const signing = ['--sign', key, '--sign-keyid', 'robot-key', '--verify-signature'];
  for (const body of [[], ['-d', '{"a":1}'], ['-X', 'PUT', '-d', 'x']]) {
    const outcome = await gatehouse(['request', `${origin}/a?b=c`, ...signing, ...body, ...base]);
    assert.equal(outcome.stdout, 'verified', outcome.stderr);
    assert.equal(outcome.status, 0);
  }
});

test('signs once more with the nonce that the server asks for, with the same body (RFC 9421 §5.1)', async (t) => {
  const origin = await serve(t);
  const { key, base } = files(t);
  const signing = ['--sign', key, '--sign-keyid', 'robot-key', '--verify-signature'];
  const outcome = await gatehouse(['request', `${origin}/own-nonce`, ...signing, '-d', '{"a":1}', ...base]);
  assert.deepEqual([outcome.status, outcome.stdout], [0, 'verified'], outcome.stderr);
});

test('takes an encrypted key with its passphrase file', async (t) => {
  const origin = await serve(t);
  const { sealed, passphrase, base } = files(t);
  const signing = ['--sign', sealed, '--sign-keyid', 'robot-key', '--sign-passphrase-file', passphrase];
  assert.equal((await gatehouse(['request', origin, ...signing, ...base])).stdout, 'verified');
});

for (const [path, reason] of [
  ['/unsigned', /is not signed/],
  ['/altered', /content does not match Content-Digest/],
  ['/spliced', /not right for this message/],
] as const) {
  test(`prints nothing of the answer to ${path}, and exits with 1`, async (t) => {
    const origin = await serve(t);
    const { folder, base } = files(t);
    const outcome = await gatehouse(['request', origin + path, '--verify-signature', ...base]);
    assert.deepEqual([outcome.status, outcome.stdout], [1, '']);
    assert.match(outcome.stderr, /nothing of it is printed/);
    assert.match(outcome.stderr, reason);
    const download = join(folder, 'download');
    const args = ['request', origin + path, '--verify-signature', '--download', download, ...base];
    assert.equal((await gatehouse(args)).status, 1);
    assert.equal(existsSync(download), false);
  });
}

test('verifies with the keys of a file', async (t) => {
  const origin = await serve(t);
  const { folder, base } = files(t);
  const [right, wrong] = [join(folder, 'right.json'), join(folder, 'wrong.json')];
  writeFileSync(right, keySet);
  writeFileSync(wrong, '{"keys":[]}');
  const by = (file: string) =>
    gatehouse(['request', origin, '--verify-signature', '--signature-keys', file, ...base]);
  assert.equal((await by(right)).stdout, 'not signed');
  assert.match((await by(wrong)).stderr, /signed with an unknown key/);
});

test('refuses options that exclude each other, and a key that cannot sign', async (t) => {
  const { folder, key, base } = files(t);
  const ask = (...args: string[]) => gatehouse(['request', 'http://127.0.0.1:1', ...args, ...base]);
  assert.equal((await ask('--sign', key)).status, 2);
  assert.equal((await ask('--sign-keyid', 'x')).status, 2);
  assert.equal((await ask('--signature-keys', key)).status, 2);
  const other = join(folder, 'x25519.key');
  writeFileSync(
    other,
    String(generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
  );
  const outcome = await ask('--sign', other, '--sign-keyid', 'x');
  assert.equal(outcome.status, 1);
  assert.ok(outcome.stderr.includes(other));
});

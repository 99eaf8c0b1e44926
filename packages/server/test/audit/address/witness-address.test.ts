// The server at the address is not trusted: its possible answers and their effects (docs/wire/witness.md).
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createWitnessAddress } from '../../../src/audit/address/witness-address.ts';
import { lineRefusal } from '../../support/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startStoreServer } from '../support/store-server.ts';

const head = { seq: 61, hash: 'ab'.repeat(32), ledger: 'cd'.repeat(32) };
const roots = () => '';
const unreachable = (words: RegExp) => lineRefusal('witness_unreachable', words);

async function setUp(t: TestContext, options: { tokenFile?: string; timeoutMs?: number } = {}) {
  const store = await startStoreServer(t);
  return { store, address: createWitnessAddress({ url: store.url, roots, ...options }) };
}

test('stores the head as JSON, and reads it back', async (t) => {
  const { store, address } = await setUp(t);
  assert.equal(await address.read(), undefined);
  await address.write(head);
  assert.equal(store.content, `${JSON.stringify(head)}\n`);
  assert.equal(store.requests.at(-1)?.type, 'application/json');
  assert.deepEqual(await address.read(), head);
});

test('stores the signature beside the head, and reads only the head', async (t) => {
  const store = await startStoreServer(t);
  const sign = ({ seq }: { seq: number }) => `signed ${seq}`;
  const address = createWitnessAddress({ url: store.url, roots, sign });
  await address.write(head);
  assert.deepEqual(JSON.parse(store.content ?? ''), { ...head, signed: 'signed 61' });
  assert.deepEqual(await address.read(), head);
});

test('sends the bearer token of the file as it is now (RFC 6750 §2.1)', async (t) => {
  const tokenFile = join(temporaryFolder(t), 'token');
  const { store, address } = await setUp(t, { tokenFile });
  writeFileSync(tokenFile, 'first\n');
  await address.read();
  writeFileSync(tokenFile, 'second\n');
  await address.write(head);
  assert.deepEqual(
    store.requests.map(({ authorization }) => authorization),
    ['Bearer first', 'Bearer second'],
  );
  writeFileSync(tokenFile, 'a secret\nwith lines\n');
  await assert.rejects(address.read(), (error: Error) => !error.message.includes('secret'));
});

test('reads a head with members of a later version, but not one without the name of the ledger', async (t) => {
  const { store, address } = await setUp(t);
  store.content = JSON.stringify({ ...head, signature: 'x' });
  assert.deepEqual(await address.read(), head);
  store.content = JSON.stringify({ seq: 1, hash: head.hash });
  assert.deepEqual(await address.read(), { seq: 1, hash: head.hash, ledger: null });
});

test('content that is no head is unreadable', async (t) => {
  const { store, address } = await setUp(t);
  const contents = [
    '',
    '<html>Sign in</html>',
    '[]',
    'null',
    '{"seq":1}',
    JSON.stringify({ ...head, seq: -1 }),
    JSON.stringify({ ...head, seq: 1.5 }),
    JSON.stringify({ ...head, seq: 1e300 }),
    JSON.stringify({ ...head, hash: 'AB'.repeat(32) }),
    JSON.stringify({ ...head, ledger: 7 }),
    JSON.stringify({ ...head, more: 'x'.repeat(5000) }),
  ];
  for (const content of contents) {
    store.content = content;
    assert.equal(await address.read(), 'unreadable', content.slice(0, 60));
  }
});

test('stops reading an answer that does not end', { timeout: 20_000 }, async (t) => {
  const { store, address } = await setUp(t);
  store.answer = (_request, response) => endless(response);
  assert.equal(await address.read(), 'unreadable');
});

function endless(response: ServerResponse): void {
  response.writeHead(200);
  const send = () => {
    while (!response.destroyed && response.write('x'.repeat(1000)));
  };
  response.on('drain', send);
  response.on('error', () => {});
  send();
}

test('follows no redirect, so no other server gets the token', async (t) => {
  const { store, address } = await setUp(t);
  const other = await startStoreServer(t);
  store.answer = (_request, response) => response.writeHead(307, { location: other.url }).end();
  await assert.rejects(address.read(), unreachable(/it answers 307, and redirects are not followed/));
  await assert.rejects(address.write(head), unreachable(/cannot be written: it answers 307/));
  assert.equal(other.requests.length, 0);
});

test('names other failures', async (t) => {
  const { store, address } = await setUp(t);
  for (const status of [204, 401, 403, 500, 503]) {
    store.answer = (_request, response) => response.writeHead(status).end();
    await assert.rejects(address.read(), unreachable(new RegExp(`cannot be read: it answers ${status}`)));
  }
  store.answer = (request) => request.socket.destroy();
  await assert.rejects(address.read(), unreachable(/the connection was interrupted/));
  store.answer = (_request, response) => {
    response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end();
  };
  await assert.rejects(address.read(), unreachable(/HPE_HEADER_OVERFLOW/));
  const nothing = createWitnessAddress({ url: 'http://127.0.0.1:1/head', roots });
  await assert.rejects(nothing.write(head), unreachable(/nothing listens there/));
});

test('gives up an answer that takes too long, also in the middle', { timeout: 20_000 }, async (t) => {
  const { store, address } = await setUp(t, { timeoutMs: 200 });
  store.answer = () => {};
  await assert.rejects(address.read(), unreachable(/it took longer than 0\.2 seconds/));
  store.answer = (_request, response) => void response.writeHead(200).write('{');
  await assert.rejects(address.read(), unreachable(/it took longer than 0\.2 seconds/));
});

test('ends at once when the server stops', async (t) => {
  const { store, address } = await setUp(t);
  const control = new AbortController();
  store.answer = () => control.abort();
  await assert.rejects(address.read(control.signal), unreachable(/the server stops/));
});

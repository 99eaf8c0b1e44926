import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSafeFileName } from '../src/notes/file-store.ts';
import { createSamples } from '../src/samples.ts';
import { put, samplesUnderTest } from './support/samples-under-test.ts';

const etagOf = (content: Uint8Array | string) => `"${createHash('sha256').update(content).digest('hex')}"`;
const CONTENT = randomBytes(300_000);

test('stores a file, returns it and deletes it (RFC 9110 §9.3)', async (t) => {
  const { send, folder } = samplesUnderTest(t);
  const created = await send('/notes/files/a.bin', put(CONTENT));
  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), '/notes/files/a.bin');
  assert.equal(created.headers.get('etag'), etagOf(CONTENT));

  const response = await send('/notes/files/a.bin');
  assert.deepEqual(Object.fromEntries(response.headers), {
    'content-type': 'application/octet-stream',
    'content-length': String(CONTENT.length),
    'x-content-type-options': 'nosniff',
    etag: etagOf(CONTENT),
  });
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(CONTENT));

  assert.equal((await send('/notes/files/a.bin', { method: 'DELETE' })).status, 204);
  assert.equal((await send('/notes/files/a.bin', { method: 'DELETE' })).status, 404);
  assert.equal((await send('/notes/files/a.bin')).status, 404);
  assert.deepEqual(readdirSync(folder), []);
});

test('answers HEAD with the headers of GET (RFC 9110 §9.3.2)', async (t) => {
  const { send } = samplesUnderTest(t);
  await send('/notes/files/a', put(CONTENT));
  const [get, head] = [await send('/notes/files/a'), await send('/notes/files/a', { method: 'HEAD' })];
  await get.body?.cancel();
  assert.deepEqual(Object.fromEntries(head.headers), Object.fromEntries(get.headers));
  assert.equal(await head.text(), '');
  assert.equal((await send('/notes/files/b', { method: 'HEAD' })).status, 404);
});

test('answers 304 to a client that has the content (RFC 9110 §13.1.2)', async (t) => {
  const { send } = samplesUnderTest(t);
  await send('/notes/files/a', put('x'));
  const response = await send('/notes/files/a', { headers: { 'if-none-match': etagOf('x') } });
  assert.deepEqual([response.status, response.headers.get('etag')], [304, etagOf('x')]);
});

test('replaces a whole file with 204, and accepts an empty one', async (t) => {
  const { send, folder } = samplesUnderTest(t);
  await send('/notes/files/a', put('first'));
  const replaced = await send('/notes/files/a', put('second'));
  assert.deepEqual([replaced.status, replaced.headers.get('etag')], [204, etagOf('second')]);
  assert.equal(await (await send('/notes/files/a')).text(), 'second');
  assert.equal((await send('/notes/files/a', put(undefined))).headers.get('etag'), etagOf(''));
  assert.equal(statSync(join(folder, 'a')).size, 0);
});

test('continues a download with the previous content', async (t) => {
  const { send } = samplesUnderTest(t);
  await send('/notes/files/a', put(CONTENT));
  const download = await send('/notes/files/a');
  await send('/notes/files/a', put('new'));
  assert.ok(Buffer.from(await download.arrayBuffer()).equals(CONTENT));
  assert.equal(await (await send('/notes/files/a')).text(), 'new');
});

test('the previous file stays, and nothing else, if an upload is incomplete', async (t) => {
  const { send, folder } = samplesUnderTest(t);
  await send('/notes/files/a', put('former'));
  let sent = 0;
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      if (sent < 3) controller.enqueue(new Uint8Array(1000));
      else controller.error(new Error('connection reset'));
    },
  });
  const response = await send('/notes/files/a', put(broken));
  assert.deepEqual([response.status, await response.json()], [400, { error: 'The upload was interrupted' }]);
  assert.deepEqual(readdirSync(folder), ['a']);
  assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'former');
});

test('refuses a file that is too large, with or without Content-Length, and stores nothing (RFC 9110 §15.5.14)', async (t) => {
  const { send, folder } = samplesUnderTest(t, { maxFileBytes: 1000 });
  const streamed = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(600)),
  });
  for (const init of [put(new Uint8Array(1001), { 'content-length': '1001' }), put(streamed)]) {
    const response = await send('/notes/files/a', init);
    assert.deepEqual([response.status, await response.json()], [413, { error: 'The file is too large' }]);
  }
  assert.deepEqual(readdirSync(folder), []);
  assert.equal((await send('/notes/files/a', put(new Uint8Array(1000)))).status, 201);
});

test('refuses too many files with 507, but replaces existing ones (RFC 4918 §11.5)', async (t) => {
  const { send, folder } = samplesUnderTest(t, { maxFiles: 2 });
  for (const name of ['a', 'b']) assert.equal((await send(`/notes/files/${name}`, put('x'))).status, 201);
  const third = await send('/notes/files/c', put('x'));
  assert.deepEqual([third.status, await third.json()], [507, { error: 'Too many files' }]);
  assert.equal((await send('/notes/files/b', put('y'))).status, 204);
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'b']);
});

test('refuses a partial upload (RFC 9110 §14.5)', async (t) => {
  const { send } = samplesUnderTest(t);
  const response = await send('/notes/files/a', put('x', { 'content-range': 'bytes 0-0/2' }));
  assert.deepEqual(
    [response.status, await response.json()],
    [400, { error: 'Upload the whole file in one request' }],
  );
});

test('refuses names that are not plain file names', async (t) => {
  const { send, folder } = samplesUnderTest(t);
  for (const name of [
    '..%2fa',
    '.hidden',
    'a%2fb',
    'a%5cb',
    'a%00',
    '%ff',
    'a%20b',
    'a.',
    'é',
    'x'.repeat(129),
    '.upload-x',
  ]) {
    const response = await send(`/notes/files/${name}`, put('x'));
    assert.equal(response.status, 400, name);
    assert.match(await response.text(), /^\{"error": "A file name has/);
  }
  assert.deepEqual(readdirSync(folder), []);
});

test('refuses names outside of the folder, and names of running uploads', () => {
  const near = fc.string({ unit: fc.constantFrom(...'ab.-_/\\:%\0 ~'), maxLength: 6 });
  fc.assert(
    fc.property(near, (name) => {
      if (!isSafeFileName(name)) return;
      assert.match(name, /^[\w.-]+$/);
      assert.ok(!name.startsWith('.') && !name.endsWith('.'));
    }),
    { numRuns: 2000 },
  );
});

test('removes incomplete uploads at the start, and no other files', async (t) => {
  const { folder } = samplesUnderTest(t);
  writeFileSync(join(folder, '.upload-left'), 'x');
  writeFileSync(join(folder, 'notes.txt'), 'x');
  const restarted = createSamples({ folder });
  assert.deepEqual(readdirSync(folder), ['notes.txt']);
  const response = await restarted.fetch(new Request('http://localhost/notes/files/notes.txt'));
  assert.deepEqual([response.headers.get('etag'), await response.text()], [etagOf('x'), 'x']);
});

test('returns a new entity tag if the file changes on the disk', async (t) => {
  const { send, folder } = samplesUnderTest(t);
  await send('/notes/files/a', put('one'));
  writeFileSync(join(folder, 'a'), 'two');
  const response = await send('/notes/files/a');
  assert.deepEqual([response.headers.get('etag'), await response.text()], [etagOf('two'), 'two']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { beginChunkedRequest, createChunkedReader, openChunkedRequest } from '../../src/ohttp/chunked.ts';
import { headLength } from '../../src/ohttp/exchange-keys.ts';
import { openRequest } from '../../src/ohttp/whole.ts';
import { createGatewayKeys, rejects } from '../support/oblivious.ts';

const octetsOf = (text: string) => new TextEncoder().encode(text);
const refused = { name: 'ObliviousError', code: 'ohttp_invalid' };

async function sealedParts(texts: string[]) {
  const { keys, best } = await createGatewayKeys();
  const request = await beginChunkedRequest(best);
  const chunks: Uint8Array[] = [];
  for (const text of texts.slice(0, -1)) chunks.push(await request.chunk(octetsOf(text)));
  chunks.push(await request.finish(octetsOf(texts.at(-1) ?? '')));
  return { keys, request, chunks };
}

async function readAll(keys: Parameters<typeof openChunkedRequest>[0], message: Uint8Array, step = 100) {
  const seen: Uint8Array[] = [];
  const source = { headLength, opener: (head: Uint8Array) => openChunkedRequest(keys, head) };
  const reader = createChunkedReader(source, { octets: (octets) => seen.push(octets) });
  for (let at = 0; at < message.length; at += step) await reader.read(message.subarray(at, at + step));
  await reader.end();
  return Buffer.concat(seen).toString();
}

test('opens sealed messages, in pieces of any length', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 400 }),
      async (texts, step) => {
        const { keys, request, chunks } = await sealedParts(texts);
        assert.equal(await readAll(keys, Buffer.concat([request.head, ...chunks]), step), texts.join(''));
      },
    ),
    { numRuns: 40 },
  );
});

test('detects missing, moved, repeated and truncated chunks (§7.1)', async () => {
  const { keys, request, chunks } = await sealedParts(['one', 'two', 'three', 'four']);
  const [one, two, three, four] = chunks as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const read = (...parts: Uint8Array[]) => readAll(keys, Buffer.concat([request.head, ...parts]));
  assert.equal(await read(one, two, three, four), 'onetwothreefour');
  for (const parts of [
    [one, three, four],
    [two, one, three, four],
    [one, one, two, three, four],
    [one, two, three],
    [one, two, three, four.subarray(0, 1)],
    [one, two, three, four.subarray(0, -1)],
    [one, two, three, four, one],
    [],
    // The third chunk in place of the last one.
    [one, two, Uint8Array.of(0, ...three.subarray(1))],
  ]) {
    await rejects(() => read(...parts), refused);
  }
});

test('refuses a chunk of another request', async () => {
  const { keys, request, chunks } = await sealedParts(['one', 'two']);
  const other = await sealedParts(['one', 'two']);
  await rejects(
    () =>
      readAll(keys, Buffer.concat([request.head, chunks[0] as Uint8Array, other.chunks[1] as Uint8Array])),
    refused,
  );
});

test('refuses an empty chunk that is not the last one (§6)', async () => {
  const { request } = await sealedParts(['one']);
  assert.throws(() => request.chunk(new Uint8Array(0)), TypeError);
});

test('refuses a chunk with too large a length, before it arrives', async () => {
  const { keys, request } = await sealedParts(['one']);
  await rejects(() => readAll(keys, Buffer.concat([request.head, Buffer.from('80ffffff', 'hex')])), refused);
  await rejects(
    () => readAll(keys, Buffer.concat([request.head, Buffer.of(0), Buffer.alloc(70_000)])),
    refused,
  );
});

test('does not accept a whole message in place of a chunked one, or the reverse', async () => {
  const { keys, request, chunks } = await sealedParts(['one']);
  const last = (chunks[0] as Uint8Array).subarray(1);
  await rejects(() => openRequest(keys, Buffer.concat([request.head, last])), refused);
});

test('an answer in chunks opens only with its request', async () => {
  const { keys, request } = await sealedParts(['one']);
  const other = await sealedParts(['one']);
  const sealer = await (await openChunkedRequest(keys, request.head)).respond();
  const answer = Buffer.concat([
    sealer.head,
    await sealer.chunk(octetsOf('a')),
    await sealer.finish(octetsOf('b')),
  ]);
  const open = async (reader: ReturnType<typeof request.readResponse>, octets: Uint8Array) => {
    await reader.read(octets);
    await reader.end();
  };
  const seen: Uint8Array[] = [];
  await open(request.readResponse({ octets: (octets) => seen.push(octets) }), answer);
  assert.equal(Buffer.concat(seen).toString(), 'ab');
  const ignore = { octets() {} };
  await rejects(() => open(other.request.readResponse(ignore), answer), refused);
  await rejects(() => open(request.readResponse(ignore), answer.subarray(0, -1)), refused);
  await rejects(() => open(request.readResponse(ignore), answer.subarray(0, 20)), refused);
});

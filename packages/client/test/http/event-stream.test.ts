// Event streams and lines of JSON, split at every position.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../src/http/event-stream.ts';
import { readJsonLines } from '../../src/http/json-lines.ts';

async function* inPieces(text: string, size: number) {
  const octets = Buffer.from(text);
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

const STREAM =
  ': comment\r\nevent: add\r\ndata: eins ü\r\ndata:zwei\r\nid: 7\r\nretry: 30\r\n\r\ndata\n\nevent: none\n\ndata: cut off';

for (const size of [1, 2, 3, 7, 1000]) {
  test(`reads the same events from pieces of ${size} octets, and drops an incomplete one`, async () => {
    assert.deepEqual(await Array.fromAsync(readEvents(inPieces(STREAM, size))), [
      { event: 'add', data: 'eins ü\nzwei', id: '7', retryMs: 30 },
      { event: 'message', data: '', id: '7', retryMs: undefined },
    ]);
  });

  test(`reads the same values from lines in pieces of ${size} octets`, async () => {
    const values = await Array.fromAsync(readJsonLines(inPieces('{"a":"ü"}\r\n\n2\n[3]', size)));
    assert.deepEqual(values, [{ a: 'ü' }, 2, [3]]);
  });
}

test('refuses a line that is not JSON', async () => {
  await assert.rejects(Array.fromAsync(readJsonLines(inPieces('{"a"', 2))), {
    code: 'protocol',
    message: /^a line of the answer is not JSON/,
  });
});

async function* endless(piece: string): AsyncGenerator<Uint8Array> {
  const octets = Buffer.from(piece);
  for (;;) yield octets;
}

test('refuses a line without an end, and an event without an end', async () => {
  const tooLong = { code: 'limit', message: /too long/ };
  await assert.rejects(Array.fromAsync(readJsonLines(endless('x'.repeat(1000)))), tooLong);
  await assert.rejects(Array.fromAsync(readEvents(endless(`data: ${'x'.repeat(10_000)}\n`))), tooLong);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asciiPhrase,
  CHUNK_END,
  CONTINUE,
  chunkHead,
  createHttpDate,
  fieldLines,
  lastChunk,
  reasonPhrase,
} from '../../src/http1/writer.ts';
import { traceRequests, traceResponse } from './support/traces.ts';

test('writes fields that the readers read (RFC 9112 §5)', () => {
  const lines = fieldLines(['Host', 'a', 'X', '\xe9']);
  assert.equal(lines, 'Host: a\r\nX: \xe9\r\n');
  const { messages } = traceRequests([`GET / HTTP/1.1\r\n${lines}\r\n`]);
  assert.deepEqual(messages[0]?.head.fields, ['Host', 'a', 'X', '\xe9']);
});

test('knows the usual phrases, and makes phrases ASCII (RFC 9110 §15)', () => {
  assert.equal(reasonPhrase(431), 'Request Header Fields Too Large');
  assert.equal(reasonPhrase(299), '');
  assert.equal(asciiPhrase('S\xe3o\t!'), 'S?o\t!');
});

test('writes chunks and trailers that the readers read (RFC 9112 §7.1)', () => {
  const head = `POST / HTTP/1.1\r\n${fieldLines(['Host', 'a', 'Transfer-Encoding', 'chunked'])}\r\n`;
  const body = 'a'.repeat(31);
  const chunk = `${chunkHead(31)}${body}${CHUNK_END}`;
  assert.equal(chunkHead(31), '1f\r\n');
  assert.equal(lastChunk([]), '0\r\n\r\n');
  const [message] = traceRequests([head + chunk + lastChunk(['X', 'y'])]).messages;
  assert.deepEqual([message?.body, message?.trailers], [body, ['X', 'y']]);
});

test('writes 100 as an interim answer', () => {
  assert.deepEqual(traceResponse('other', [CONTINUE], { end: false }).interim, [100]);
});

test('writes the date in the form of RFC 9110 §5.6.7, again for each second', () => {
  const date = createHttpDate();
  assert.equal(date(784_111_777_000), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(date(784_111_777_999), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(date(784_111_778_000), 'Sun, 06 Nov 1994 08:49:38 GMT');
});

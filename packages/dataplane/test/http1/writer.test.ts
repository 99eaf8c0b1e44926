import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addField,
  asciiPhrase,
  CHUNK_END,
  chunkHead,
  createHttpDate,
  LAST_CHUNK,
  lastChunk,
  reasonPhrase,
  requestHead,
  responseHead,
} from '../../src/http1/writer.ts';
import { traceRequests, traceResponse } from './support/traces.ts';

test('writes heads that the readers read (RFC 9112 §3, §4)', () => {
  const request = requestHead('GET', '/a?b', ['Host', 'a', 'X', '\xe9']);
  assert.equal(request, 'GET /a?b HTTP/1.1\r\nHost: a\r\nX: \xe9\r\n\r\n');
  assert.deepEqual(traceRequests([request]).messages[0]?.head.fields, ['Host', 'a', 'X', '\xe9']);
  const response = responseHead(200, 'Fine', ['Content-Length', '0']);
  assert.equal(response, 'HTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n');
  assert.equal(traceResponse('other', [response]).messages[0]?.head.reason, 'Fine');
});

test('writes the usual phrase where there is none, and phrases in ASCII (RFC 9110 §15)', () => {
  assert.equal(responseHead(404, '', []), 'HTTP/1.1 404 Not Found\r\n\r\n');
  assert.equal(responseHead(299, '', []), 'HTTP/1.1 299 \r\n\r\n');
  assert.equal(reasonPhrase(431), 'Request Header Fields Too Large');
  assert.equal(asciiPhrase('S\xe3o\t!'), 'S?o\t!');
});

test('writes chunks and trailers that the readers read (RFC 9112 §7.1)', () => {
  const head = requestHead('POST', '/', ['Host', 'a', 'Transfer-Encoding', 'chunked']);
  const body = 'a'.repeat(31);
  const chunk = `${chunkHead(31)}${body}${CHUNK_END}`;
  assert.equal(chunkHead(31), '1f\r\n');
  assert.equal(lastChunk([]), LAST_CHUNK);
  const [message] = traceRequests([head + chunk + lastChunk(['X', 'y'])]).messages;
  assert.deepEqual([message?.body, message?.trailers], [body, ['X', 'y']]);
});

test('refuses fields that would be written as something else', () => {
  const fields: string[] = [];
  addField(fields, 'X-A', 'b \xe9\t');
  assert.deepEqual(fields, ['X-A', 'b \xe9\t']);
  // Character 266 would become the octet of a line feed.
  for (const value of ['a\r\nB: c', 'a\n', '\0', '\x7f', 'Ā', 'Ċ']) {
    assert.throws(() => addField(fields, 'X', value), TypeError);
  }
  for (const name of ['', 'A b', 'A:', 'A\r\n', '\xe9'])
    assert.throws(() => addField(fields, name, 'b'), TypeError);
});

test('writes the date in the form of RFC 9110 §5.6.7, anew for each second', () => {
  const date = createHttpDate();
  assert.equal(date(784_111_777_000), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(date(784_111_777_999), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(date(784_111_778_000), 'Sun, 06 Nov 1994 08:49:38 GMT');
});

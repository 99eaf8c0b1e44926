import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CHUNK_END, chunkHead, fieldLines, lastChunk } from '../../src/http1/writer.ts';
import { LIMITS, traceRequests, traceResponse } from './support/traces.ts';

const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LATIN1 = fc.integer({ min: 0, max: 255 }).map((octet) => String.fromCharCode(octet));
const OCTETS = fc.string({ unit: LATIN1, maxLength: 40 });
const TOKEN = fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1, maxLength: 12 });
const VALUE = fc
  .string({ unit: LATIN1.filter((character) => /[\t -~\x80-\xff]/.test(character)), maxLength: 20 })
  .map((value) => value.replace(/^[\t ]+|[\t ]+$/g, ''));
// With this prefix, no name has a meaning.
const FIELDS = fc
  .array(
    fc.tuple(
      TOKEN.map((name) => `Z${name}`),
      VALUE,
    ),
    { maxLength: 6 },
  )
  .map((fields) => fields.flat());
const TARGET = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((octet) => String.fromCharCode(octet)),
  minLength: 1,
  maxLength: 20,
});
const CHUNKS = fc.array(
  OCTETS.filter((chunk) => chunk !== ''),
  { maxLength: 4 },
);
const CUTS = fc.array(fc.nat({ max: 600 }), { maxLength: 8 });
const ROOMY = { ...LIMITS, maxHeadBytes: 4096 };

test('every written request is read back, split at any octet', () => {
  const request = fc.record({
    method: TOKEN,
    target: TARGET,
    fields: FIELDS,
    chunks: CHUNKS,
    trailers: FIELDS,
  });
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 3 }), CUTS, (requests, cuts) => {
      const text = requests.map((each) => {
        const fields = ['Host', 'a', ...each.fields, 'Transfer-Encoding', 'chunked'];
        return `${each.method} ${each.target} HTTP/1.1\r\n${fieldLines(fields)}\r\n${chunked(each.chunks, each.trailers)}`;
      });
      const { messages, refusal } = traceRequests(cutUp(text.join(''), cuts), ROOMY);
      assert.equal(refusal, undefined);
      assert.deepEqual(
        messages.map(({ head, body, trailers }) => [
          head.method,
          head.target,
          head.fields.slice(2, -2),
          body,
          trailers,
        ]),
        requests.map(({ method, target, fields, chunks, trailers }) => [
          method,
          target,
          fields,
          chunks.join(''),
          trailers,
        ]),
      );
    }),
  );
});

test('every written response is read back, split at any octet', () => {
  const response = fc.record({
    status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
    fields: FIELDS,
    body: OCTETS,
  });
  fc.assert(
    fc.property(response, CUTS, ({ status, fields, body }, cuts) => {
      const lines = fieldLines([...fields, 'Content-Length', String(body.length)]);
      const head = `HTTP/1.1 ${status} Phrase\r\n${lines}\r\n`;
      const { messages, refusal } = traceResponse('other', cutUp(head + body, cuts), { limits: ROOMY });
      assert.equal(refusal, undefined);
      const [message] = messages;
      assert.deepEqual(
        [message?.head.status, message?.head.fields.slice(0, -2), message?.body],
        [status, fields, body],
      );
    }),
  );
});

test('any octets give the same result with any split, and are only refused with Http1Error', () => {
  const pieces = fc.constantFrom(
    'GET ',
    '/ ',
    'HTTP/1.1',
    'HTTP/1.0',
    '\r\n',
    '\r',
    '\n',
    'Host: a',
    'A',
    ':',
    ' ',
    '\t',
    'Content-Length: 1',
    'Transfer-Encoding: chunked',
    '0',
    '1',
    ';',
    'x',
    '"',
    '=',
    '\0',
    '\xe9',
  );
  fc.assert(
    fc.property(fc.boolean(), fc.array(pieces, { maxLength: 24 }), CUTS, (hasHead, parts, cuts) => {
      const text = `${hasHead ? 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' : ''}${parts.join('')}`;
      const whole = traceRequests([text]);
      const split = traceRequests(cutUp(text, cuts));
      // A refusal may come only at the end of the line.
      if (whole.refusal === split.refusal || text.endsWith('\n')) assert.deepEqual(split, whole);
    }),
    { numRuns: 2000 },
  );
});

function chunked(chunks: readonly string[], trailers: string[]): string {
  return chunks.map((chunk) => chunkHead(chunk.length) + chunk + CHUNK_END).join('') + lastChunk(trailers);
}

function cutUp(text: string, cuts: readonly number[]): string[] {
  const places = cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b);
  return [...places, text.length].map((end, index) => text.slice(places[index - 1] ?? 0, end));
}

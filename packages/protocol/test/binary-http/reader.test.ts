import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  beginBinaryRequest,
  beginBinaryResponse,
  binaryContent,
  endBinaryMessage,
  writeBinaryRequest,
  writeBinaryResponse,
} from '../../src/binary-http/writer.ts';
import { concatBytes } from '../../src/bytes.ts';
import { LIMITS, readRequest, readResponse } from '../support/binary-messages.ts';

const CONTROL = { method: 'POST', scheme: 'https', authority: 'api.example', path: '/notes' };
const head = (fields: string[] = []) => ({ ...CONTROL, fields });
const text = (value: string) => Buffer.from(value, 'latin1');
const invalid = { name: 'BinaryHttpError', code: 'binary_http_invalid' };
const truncated = { name: 'BinaryHttpError', code: 'binary_http_truncated' };
const tooLarge = { name: 'BinaryHttpError', code: 'binary_http_too_large' };

const field = fc.tuple(
  fc.stringMatching(/^x-[a-z0-9]{1,8}$/),
  fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/),
);
const fields = fc.array(field, { maxLength: 5 }).map((pairs) => pairs.flat());
const content = fc.uint8Array({ maxLength: 300 });
const step = fc.integer({ min: 1, max: 40 });

test('reads back written messages, in pieces of any length', () => {
  fc.assert(
    fc.property(fields, content, fields, step, (headers, octets, trailers, pieces) => {
      const parts = octets.length === 0 ? [] : [binaryContent(octets), binaryContent(octets)];
      const indeterminate = concatBytes(...parts, endBinaryMessage(trailers));
      const twice = Buffer.concat(parts.length === 0 ? [] : [octets, octets]).toString('latin1');
      const once = Buffer.from(octets).toString('latin1');
      const request = head(headers);
      const response = { status: 201, fields: headers };
      const requests = [
        [writeBinaryRequest(request, octets, trailers), once],
        [concatBytes(beginBinaryRequest(request), indeterminate), twice],
      ] as const;
      const responses = [
        [writeBinaryResponse(response, octets, trailers), once],
        [concatBytes(beginBinaryResponse(response), indeterminate), twice],
      ] as const;
      for (const [message, expected] of requests) {
        const read = readRequest(message, { step: pieces });
        assert.deepEqual([read.head, read.content, read.trailers], [request, expected, trailers]);
      }
      for (const [message, expected] of responses) {
        const read = readResponse(message, { step: pieces });
        assert.deepEqual([read.head, read.content, read.trailers], [response, expected, trailers]);
      }
    }),
    { numRuns: 60 },
  );
});

test('refuses a message that is truncated in the middle of a part (§3.1, §3.2)', () => {
  const known = writeBinaryRequest(head(['x-one', '1']), text('hello'), ['x-end', '2']);
  const indeterminate = concatBytes(
    beginBinaryRequest(head(['x-one', '1'])),
    binaryContent(text('hello')),
    endBinaryMessage(['x-end', '2']),
  );
  function acceptable(message: Uint8Array): number[] {
    const lengths: number[] = [];
    for (let length = 0; length < message.length; length++) {
      try {
        readRequest(message.subarray(0, length), { step: 3 });
        lengths.push(length);
      } catch (error) {
        assert.equal((error as { code?: string }).code, truncated.code);
      }
    }
    return lengths;
  }
  const control = 1 + [...Object.values(CONTROL)].reduce((sum, value) => sum + 1 + value.length, 0);
  const section = 1 + 5 + 1 + 1;
  assert.deepEqual(acceptable(known), [control, control + 1 + section, control + 1 + section + 6]);
  assert.deepEqual(acceptable(indeterminate), [
    control,
    control + section + 1,
    control + section + 1 + 6 + 1,
  ]);
});

test('refuses octets after the message that are not zero (§3.8)', () => {
  const message = writeBinaryRequest(head());
  assert.equal(readRequest(concatBytes(message, new Uint8Array(100))).content, '');
  assert.throws(() => readRequest(concatBytes(message, Uint8Array.of(0, 0, 1))), invalid);
});

test('refuses another framing indicator, and a response in place of a request', () => {
  const [request, response] = [writeBinaryRequest(head()), writeBinaryResponse({ status: 200, fields: [] })];
  assert.throws(() => readRequest(response), invalid);
  assert.throws(() => readResponse(request), invalid);
  assert.throws(() => readRequest(Uint8Array.of(4, ...request.subarray(1))), invalid);
});

const lines = (...pairs: string[]) =>
  concatBytes(...pairs.flatMap((part) => [Uint8Array.of(part.length), text(part)]));
const withLines = (octets: Uint8Array) =>
  concatBytes(beginBinaryRequest(head()).slice(0, -1), octets, Uint8Array.of(0), endBinaryMessage());

test('refuses fields that HTTP/2 would refuse (§3.6)', () => {
  assert.deepEqual(readRequest(withLines(lines('x-good', ''))).head.fields, ['x-good', '']);
  for (const [name, value] of [
    ['X-Upper', '1'],
    ['x space', '1'],
    [':path', '/other'],
    ['x-line', 'a\r\nb'],
    ['x-null', 'a\0b'],
    ['x-blank', ' a'],
    ['x-blank', 'a\t'],
    ['connection', 'close'],
    ['transfer-encoding', 'chunked'],
    ['upgrade', 'websocket'],
    ['te', 'trailers'],
    ['content-length', '5'],
    ['content-length', '+0'],
  ] as const) {
    assert.throws(() => readRequest(withLines(lines(name, value))), invalid, `${name}: ${value}`);
  }
  assert.throws(() => readRequest(withLines(lines('content-length', '0', 'content-length', '0'))), invalid);
});

test('refuses control data that could be read in two ways', () => {
  const control = (...parts: string[]) => concatBytes(Uint8Array.of(0), lines(...parts));
  const { method, scheme, authority, path } = CONTROL;
  assert.equal(readRequest(control(method, scheme, authority, path)).head.path, '/notes');
  for (const parts of [
    ['GET /', scheme, authority, path],
    ['', scheme, authority, path],
    [method, 'HTTPS', authority, path],
    [method, scheme, 'a/b', path],
    [method, scheme, 'user@host', path],
    [method, scheme, 'a\r\nb', path],
    [method, scheme, authority, ''],
    [method, scheme, authority, 'notes'],
    [method, scheme, authority, 'https://other/'],
    [method, scheme, authority, '/a b'],
    [method, scheme, authority, '/a\r\nX: 1'],
  ]) {
    assert.throws(() => readRequest(control(...parts)), invalid, parts.join(' '));
  }
});

test('refuses an invalid status', () => {
  for (const status of ['4063', '4258', '00']) {
    assert.throws(() => readResponse(Uint8Array.fromHex(`01${status}`)), invalid);
  }
  assert.throws(() => readResponse(Uint8Array.fromHex('014066')), truncated);
});

test('refuses content whose length differs from Content-Length', () => {
  for (const announced of ['4', '6']) {
    const fieldsOf = ['content-length', announced];
    assert.throws(() => readRequest(writeBinaryRequest(head(fieldsOf), text('hello'))), invalid);
    const parts = concatBytes(
      beginBinaryRequest(head(fieldsOf)),
      binaryContent(text('hello')),
      endBinaryMessage(),
    );
    assert.throws(() => readRequest(parts), invalid);
  }
});

test('refuses heads, fields and padding beyond its limits before it holds them', () => {
  const limits = { ...LIMITS, maxHeadBytes: 100, maxFields: 3 };
  const many = head(['a', '1', 'b', '1', 'c', '1', 'd', '1']);
  assert.throws(() => readRequest(writeBinaryRequest(many), { limits }), tooLarge);
  const long = head(['x-long', 'x'.repeat(100)]);
  for (const octets of [writeBinaryRequest(long), beginBinaryRequest(long)]) {
    for (const pieces of [1, 1000]) {
      assert.throws(() => readRequest(octets.subarray(0, -1), { limits, step: pieces }), tooLarge);
    }
  }
  const huge = concatBytes(writeBinaryRequest(head()).slice(0, -3), Uint8Array.fromHex('ffffffffffffffff'));
  assert.throws(() => readRequest(huge), tooLarge);
  const padded = concatBytes(writeBinaryRequest(head()), new Uint8Array(200));
  assert.throws(() => readRequest(padded, { limits: { ...LIMITS, maxPaddingBytes: 100 } }), tooLarge);
});

test('refuses all other input with a typed error', () => {
  const valid = writeBinaryRequest(head(['x-one', '1']), text('hello'));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.nat(),
      step,
      (changes, cut, pieces) => {
        const octets = Uint8Array.from(valid.subarray(0, cut % (valid.length + 1)));
        for (const [at, value] of changes) if (octets.length > 0) octets[at % octets.length] = value;
        try {
          readRequest(octets, { step: pieces });
        } catch (error) {
          assert.equal((error as Error).name, 'BinaryHttpError');
        }
      },
    ),
    { numRuns: 500 },
  );
});

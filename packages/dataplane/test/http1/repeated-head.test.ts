// A head that repeats the previous one is not read again. The result must be the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RequestHead } from '../../src/http1/messages.ts';
import { RepeatedHead } from '../../src/http1/repeated-head.ts';
import { createRequestReader } from '../../src/http1/request-reader.ts';
import { createResponseReader } from '../../src/http1/response-reader.ts';
import { LIMITS, traceRequests } from './support/traces.ts';

test('the head is found only if all of its octets come again', () => {
  const repeated = new RepeatedHead<string>();
  const octets = Buffer.from('..abcd..');
  assert.equal(repeated.recall(octets, 2), undefined);
  repeated.remember(octets, 2, 6, 'abcd');
  octets.fill(0);
  assert.equal(repeated.recall(Buffer.from('abcdef'), 0), 'abcd');
  assert.equal(repeated.length, 4);
  assert.equal(repeated.recall(Buffer.from('xabcd'), 1), 'abcd');
  for (const other of ['abc', 'abcx', 'xbcd', '']) {
    assert.equal(repeated.recall(Buffer.from(other), 0), undefined, other);
  }
});

test('a head of more than 2,048 octets is not remembered, and neither is the previous one', () => {
  const repeated = new RepeatedHead<string>();
  repeated.remember(Buffer.from('a'), 0, 1, 'a');
  repeated.remember(Buffer.alloc(2049, 'b'), 0, 2049, 'b');
  assert.equal(repeated.recall(Buffer.alloc(3000, 'b'), 0), undefined);
  assert.equal(repeated.recall(Buffer.from('a'), 0), undefined);
});

test('repeated requests are read as if each had a separate connection', () => {
  const request = fc.constantFrom(
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: b\r\n\r\n',
    'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
    '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nGET',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
  );
  fc.assert(
    fc.property(fc.array(request, { maxLength: 8 }), fc.array(fc.nat({ max: 300 })), (requests, cuts) => {
      const together = traceRequests(cutUp(requests.join(''), cuts));
      const alone = requests.map((each) => traceRequests([each]));
      const flawed = alone.findIndex(({ refusal }) => refusal !== undefined);
      const read = flawed < 0 ? alone : alone.slice(0, flawed);
      assert.deepEqual(
        together.messages,
        read.flatMap(({ messages }) => messages),
      );
      assert.equal(together.refusal, alone[flawed]?.refusal);
    }),
  );
});

test('an empty line before a repeated head counts, split at any octet (RFC 9112 §2.2)', () => {
  const plain = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const before = `\r\n${plain}`;
  const allowed = traceRequests([plain, '\r\n', plain, before, before]);
  assert.deepEqual([allowed.messages.length, allowed.refusal], [4, undefined]);
  for (const parts of [
    [before, '\r\n', before],
    [before, `\r\n${before}`],
    [before, '\r', '\n\r', '\n', plain],
  ]) {
    const { messages, refusal } = traceRequests(parts);
    assert.equal(messages.length, 1);
    assert.match(refusal ?? '', /^bad_request/);
  }
});

test('a request that repeats the previous one has the same head object', () => {
  const heads: RequestHead[] = [];
  const reader = createRequestReader(LIMITS, {
    head: (head) => void heads.push(head),
    body() {},
    complete() {},
  });
  for (const path of ['/', '/', '/other']) {
    reader.read(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`));
  }
  assert.equal(heads[0], heads[1]);
  assert.notEqual(heads[1], heads[2]);
});

test('an answer is read again if its request has another method (RFC 9112 §6.3)', () => {
  const bodies: string[] = [];
  let kind = '';
  const reader = createResponseReader(LIMITS, {
    information() {},
    head: ({ body }) => {
      kind = body.kind === 'length' ? `${body.length}` : body.kind;
    },
    body: (octets) => void bodies.push(Buffer.from(octets).toString()),
    complete: () => void bodies.push(`end of ${kind}`),
  });
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
  reader.expect('other');
  reader.read(Buffer.from(`${head}ab`));
  reader.expect('HEAD');
  reader.read(Buffer.from(head));
  reader.expect('other');
  reader.read(Buffer.from(`${head}cd`));
  assert.deepEqual(bodies, ['ab', 'end of 2', 'end of 0', 'cd', 'end of 2']);
});

function cutUp(text: string, cuts: readonly number[]): string[] {
  const places = [
    0,
    ...cuts.filter((cut) => cut < text.length).sort((one, other) => one - other),
    text.length,
  ];
  return places.slice(1).map((place, index) => text.slice(places[index], place));
}

// A head that came before on any connection is not read again. The result must be the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { KnownHeads } from '../../src/http1/known-heads.ts';
import type { RequestHead } from '../../src/http1/messages.ts';
import { createRequestReader } from '../../src/http1/request-reader.ts';
import { LIMITS, traceRequests } from './support/traces.ts';

const HEAD = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** Used like in a reader. Returns the known head. */
function look<Head>(known: KnownHeads<Head>, text: string, head: Head): Head | undefined {
  const octets = Buffer.from(text);
  const key = known.keyOf(octets);
  const found = known.find(key, octets);
  if (found === undefined) known.add(key, octets, head);
  octets.fill(0);
  return found;
}

test('a head is known from its third time on, also after its octets were overwritten', () => {
  const known = new KnownHeads<string>(crc32);
  const heads = ['first', 'second', 'third'];
  assert.deepEqual(
    heads.map((head) => look(known, HEAD, head)),
    [undefined, undefined, 'second'],
  );
  known.clear();
  assert.equal(look(known, HEAD, 'fourth'), undefined);
});

test('only octets of exactly one head, with at most 2,048 octets, become known', () => {
  const long = `GET / HTTP/1.1\r\nHost: ${'a'.repeat(2048)}\r\n\r\n`;
  for (const text of [`${HEAD}body`, HEAD.slice(0, -1), `${HEAD}\n`, '', '\r\n', '\n\r\n', long]) {
    const known = new KnownHeads<string>(crc32);
    for (let time = 0; time < 3; time++) assert.equal(look(known, text, 'head'), undefined, text);
  }
});

test('two heads with the same checksum are distinguished by their octets', () => {
  const [one, other] = ['plumless', 'buckeroo'].map((name) => `${name}\r\n\r\n`) as [string, string];
  const known = new KnownHeads<string>(crc32);
  assert.equal(known.keyOf(Buffer.from(one)), known.keyOf(Buffer.from(other)));
  look(known, one, 'one');
  look(known, one, 'one');
  assert.equal(look(known, one, ''), 'one');
  assert.equal(look(known, other, 'other'), undefined);
});

test('many heads do not fill the memory', () => {
  const known = new KnownHeads<object>(crc32);
  const head = (index: number) => `GET /${index} HTTP/1.1\r\nHost: a\r\n\r\n`;
  for (let index = 0; index < 10_000; index++) {
    look(known, head(index), {});
    look(known, head(index), {});
  }
  const octets = Array.from({ length: 10_000 }, (_, index) => Buffer.from(head(index)));
  const found = octets.filter((each) => known.find(known.keyOf(each), each));
  assert.ok(found.length > 0 && found.length <= 2048, `${found.length} are known`);
});

test('connections that share their heads read the same as a connection that does not', () => {
  const request = fc.constantFrom(
    HEAD,
    'GET / HTTP/1.1\r\nHost: b\r\n\r\n',
    'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
    '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n',
    `${HEAD}${HEAD}`,
    'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
    'GET',
    ' / HTTP/1.1\r\nHost: a\r\n\r\n',
  );
  const connection = fc.array(request, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(connection, { minLength: 3, maxLength: 8 }), (connections) => {
      const known = new KnownHeads<RequestHead>(crc32);
      for (const parts of [...connections, ...connections, ...connections]) {
        assert.deepEqual(traceRequests(parts, LIMITS, known), traceRequests(parts));
      }
    }),
  );
});

test('a repeated head on another connection is the same object', () => {
  const known = new KnownHeads<RequestHead>(crc32);
  const heads: RequestHead[] = [];
  for (let time = 0; time < 4; time++) {
    const events = { head: (head: RequestHead) => void heads.push(head), body() {}, complete() {} };
    createRequestReader(LIMITS, events, known).read(Buffer.from(HEAD));
  }
  assert.notEqual(heads[0], heads[1]);
  assert.equal(heads[1], heads[2]);
  assert.equal(heads[2], heads[3]);
});

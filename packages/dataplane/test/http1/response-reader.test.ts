import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createResponseReader, type Question } from '../../src/http1/response-reader.ts';
import { LIMITS, sameInAllSplits, traceResponse } from './support/traces.ts';

function trace(text: string, question: Question = 'other', end = true) {
  return sameInAllSplits(text, (parts) => traceResponse(question, parts, { end }));
}

function read(text: string, question: Question = 'other', end = true) {
  const { messages, refusal, rest } = trace(text, question, end);
  assert.equal(refusal, undefined);
  const [message, ...others] = messages;
  assert.ok(message?.trailers, 'complete');
  assert.equal(others.length, 0);
  return { ...message, rest };
}

const UPGRADE = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

describe('a response, split at any octet', () => {
  it('is read with all its parts (RFC 9112 §4, §5)', () => {
    const { head, body } = read(
      'HTTP/1.1 200 Very \xe9\r\nA: b\r\nContent-Length: 3\r\n\r\nabc',
      'other',
      false,
    );
    assert.deepEqual(head, {
      status: 200,
      reason: 'Very \xe9',
      version: '1.1',
      fields: ['A', 'b', 'Content-Length', '3'],
      body: { kind: 'length', length: 3 },
      keepAlive: true,
    });
    assert.equal(body, 'abc');
  });

  it('may have an empty reason phrase, with or without the space before it', () => {
    assert.equal(read('HTTP/1.1 204 \r\n\r\n').head.reason, '');
    assert.equal(read('HTTP/1.1 204\r\n\r\n').head.reason, '');
  });

  it('has a body in chunks, with trailers (§7.1)', () => {
    const { body, trailers } = read(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n',
      'other',
      false,
    );
    assert.deepEqual([body, trailers], ['abc', ['X', 'y']]);
  });

  it('continues until the connection ends if its length is not given (§6.3)', () => {
    const { head, body } = read('HTTP/1.1 200 OK\r\n\r\nabc\r\n');
    assert.deepEqual(head.body, { kind: 'close' });
    assert.equal(head.keepAlive, false);
    assert.equal(body, 'abc\r\n');
    assert.equal(read('HTTP/1.0 200 OK\r\n\r\n').body, '');
  });

  it('has no body after HEAD and with 204 and 304, with any fields (§6.3)', () => {
    const cases: [string, Question][] = [
      ['200 OK\r\nContent-Length: 5', 'HEAD'],
      ['200 OK\r\nTransfer-Encoding: chunked', 'HEAD'],
      ['200 OK\r\nA: b', 'HEAD'],
      ['304 Not Modified\r\nContent-Length: 5', 'other'],
      ['304 Not Modified\r\nTransfer-Encoding: chunked', 'other'],
      ['204 No Content\r\nContent-Length: 0', 'other'],
    ];
    for (const [start, question] of cases) {
      const { head, body, rest } = read(`HTTP/1.1 ${start}\r\n\r\nrest`, question);
      assert.deepEqual([head.body, body, rest], [{ kind: 'length', length: 0 }, '', 'rest'], start);
      assert.equal(head.keepAlive, true);
    }
  });

  it('may follow interim ones (RFC 9110 §15.2)', () => {
    const { interim, messages } = trace(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    );
    assert.deepEqual(interim, [100, 103]);
    assert.equal(messages[0]?.head.status, 200);
  });

  it('ends HTTP with a requested 101, and leaves the rest (RFC 6455 §4.2.2)', () => {
    const { head, rest } = read(`${UPGRADE}\x81\x00`, 'websocket');
    assert.deepEqual([head.status, head.keepAlive, rest], [101, false, '\x81\x00']);
    assert.equal(read('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno', 'websocket').body, 'no');
  });

  it('leaves the connection open or not, by its version and Connection (§9.3)', () => {
    const keepAlive = (version: string, fields: string) =>
      read(`HTTP/${version} 200 OK\r\nContent-Length: 0\r\n${fields}\r\n`).head.keepAlive;
    assert.equal(keepAlive('1.1', ''), true);
    assert.equal(keepAlive('1.1', 'Connection: Close\r\n'), false);
    assert.equal(keepAlive('1.0', ''), false);
    assert.equal(keepAlive('1.0', 'Connection: keep-alive\r\n'), true);
  });
});

const OK = 'HTTP/1.1 200 OK\r\n';
const REFUSED: Record<string, string[]> = {
  'more than one length (§6.3)': [
    `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`,
    `${OK}Content-Length: 1, 1\r\n\r\na`,
    `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  'a coding other than chunked, and chunks in HTTP/1.0, 204 and 1xx (§6.1)': [
    `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    // llhttp reads this body until the end of the connection.
    `${OK}Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n`,
    `${OK}Transfer-Encoding: identity\r\n\r\n`,
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 103 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  'an invalid status line (§4)': [
    ...[
      'HTTP/1.1 20 OK',
      'HTTP/1.1 2000 OK',
      'HTTP/1.1 2x0 OK',
      'HTTP/1.1 ddd OK',
      'HTTP/1.v 200 OK',
      'HTTP/1.: 200 OK',
      'HTTP/1.1 2:0 OK',
      'HTTP/1.1 /00 OK',
      'HTTP/1.1 099 OK',
      'HTTP/1.1 600 OK',
      'HTTP/1.1  200 OK',
      'HTTP/1.1 200\tOK',
      'HTTP/1.1 200OK',
      ' HTTP/1.1 200 OK',
      '',
      'HTTP/2.0 200 OK',
      'HTTP/1.2 200 OK',
      'http/1.1 200 OK',
      'ICY 200 OK',
      'HTTP/1.1 200 O\0K',
      'HTTP/1.1 200 O\x7fK',
      'HTTP/1.1 200 O\rK',
      'HTTP/1.1 200 O\nK',
      'HTTP/1.1 200 \x1b[m',
    ].map((line) => `${line}\r\nContent-Length: 0\r\n\r\n`),
    'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n',
  ],
  'invalid fields (§5)': ['A : b', 'A: b\r\n c', 'A: \0', 'A: b\rc', 'A: b\nc', 'A', ': b', 'A: \x1b'].map(
    (field) => `${OK}${field}\r\nContent-Length: 0\r\n\r\n`,
  ),
  'a head that is too large': [
    `${OK}A: ${'a'.repeat(2000)}\r\n\r\n`,
    `${OK}${'A: b\r\n'.repeat(21)}\r\n`,
    `HTTP/1.1 200 ${'a'.repeat(2000)}\r\n\r\n`,
  ],
  'a 101 that was not requested': [UPGRADE],
  'the end of the connection before the end of the answer (§8)': [
    '',
    'HTTP/1.1 2',
    `${OK}Content-Length: 2\r\n`,
    `${OK}Content-Length: 2\r\n\r\na`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`,
    'HTTP/1.1 100 Continue\r\n\r\n',
  ],
};

describe('refuses, with any split,', () => {
  for (const [what, responses] of Object.entries(REFUSED)) {
    it(what, () => {
      for (const response of responses) {
        assert.match(trace(response).refusal ?? 'accepted', /^upstream_failed: /, JSON.stringify(response));
      }
    });
  }

  it('too many interim responses', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
    const traceOf = (parts: string[]) => traceResponse('other', parts, { end: true });
    // All are the same, so splitting the last three is enough.
    const { refusal } = sameInAllSplits(interim.repeat(1001), traceOf, interim.length * 998);
    assert.match(refusal ?? 'accepted', /^upstream_failed: /);
  });

  it('a 101 to anything but a WebSocket (RFC 6455 §4.1)', () => {
    const others = [
      UPGRADE.replace('websocket', 'h2c'),
      UPGRADE.replace('Connection: Upgrade\r\n', ''),
      UPGRADE.replace('Upgrade: websocket\r\n', ''),
      UPGRADE.replace('HTTP/1.1', 'HTTP/1.0'),
    ];
    for (const other of others) assert.match(trace(other, 'websocket').refusal ?? '', /^upstream_failed: /);
  });
});

describe('the reader', () => {
  function reader() {
    return createResponseReader(LIMITS, { head() {}, body() {}, complete() {}, information() {} });
  }

  it('refuses an answer without a request', () => {
    const octets = Buffer.from(`${OK}Content-Length: 0\r\n\r\n`);
    assert.throws(() => reader().read(octets), { code: 'upstream_failed' });
    const twice = reader();
    twice.expect('other');
    assert.equal(twice.read(octets), octets.length);
    assert.throws(() => twice.read(octets), { code: 'upstream_failed' });
  });

  it('reports whether it is inside of an answer', () => {
    const inside = reader();
    inside.expect('other');
    assert.equal(inside.isMidway, false);
    for (const part of ['H', 'TTP/1.1 103 A\r\n\r\n', OK, 'Content-Length: 1\r\n\r\n']) {
      inside.read(Buffer.from(part));
      assert.equal(inside.isMidway, true, part);
    }
    inside.read(Buffer.from('a'));
    assert.equal(inside.isMidway, false);
    inside.end();
  });
});

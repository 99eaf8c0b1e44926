import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestHead } from '../../src/http1/messages.ts';
import { createRequestReader } from '../../src/http1/request-reader.ts';
import { LIMITS, sameInAllSplits, traceRequests } from './support/traces.ts';

const GET = 'GET /a?b=c HTTP/1.1\r\nHost: localhost:8443\r\nX-Api-Key: k\r\n\r\n';
const HANDSHAKE =
  'Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

function read(text: string) {
  const { messages, refusal } = sameInAllSplits(text, (parts) => traceRequests(parts));
  assert.equal(refusal, undefined);
  for (const { trailers } of messages) assert.ok(trailers, 'complete');
  return messages;
}

function head(text: string): RequestHead {
  const [message, ...others] = read(text);
  assert.ok(message);
  assert.equal(others.length, 0);
  return message.head;
}

function get(fields: string, version = '1.1'): RequestHead {
  return head(`GET / HTTP/${version}\r\nHost: a\r\n${fields}\r\n`);
}

describe('a request, split at any octet', () => {
  it('is read with all its parts (RFC 9112 §3, §5)', () => {
    assert.deepEqual(head(GET), {
      method: 'GET',
      target: '/a?b=c',
      version: '1.1',
      fields: ['Host', 'localhost:8443', 'X-Api-Key', 'k'],
      host: 'localhost:8443',
      body: { kind: 'length', length: 0 },
      keepAlive: true,
      expectsContinue: false,
      isWebSocket: false,
      authorization: undefined,
      apiKey: 'k',
      dpop: undefined,
      cookies: undefined,
      derived: undefined,
    });
  });

  it('follows another one in the same octets (§9.3.2)', () => {
    const two = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc${GET}`;
    assert.deepEqual(
      read(two).map((message) => [message.head.target, message.body]),
      [
        ['/', 'abc'],
        ['/a?b=c', ''],
      ],
    );
  });

  it('has values without the blanks around them, with octets above 127 (§5.1, §5.5)', () => {
    assert.deepEqual(get('A:\t b \xe9\t c \t\r\nB:\r\nC: \r\nD:e\r\n').fields.slice(2), [
      'A',
      'b \xe9\t c',
      'B',
      '',
      'C',
      '',
      'D',
      'e',
    ]);
  });

  it('may have any token as its method, and any printable target (RFC 9110 §9.1)', () => {
    const { method, target } = head('M-SEARCH!#$ *"<>\\^`{|}%zz HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.deepEqual([method, target], ['M-SEARCH!#$', '*"<>\\^`{|}%zz']);
    assert.equal(head('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n').target, '*');
  });

  it('may come after one empty line (RFC 9112 §2.2)', () => {
    assert.equal(read(`\r\n${GET}\r\n${GET}`).length, 2);
  });

  it('has a body in chunks, whose extensions are dropped (§7.1)', () => {
    const start = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n';
    const chunks =
      '3\r\nabc\r\n00A;n;v=w;q="a\\"\\\\;\t=b"\r\n0123456789\r\n000;last\r\nX-T:  t \r\nY: \r\n\r\n';
    const [message, next] = read(`${start}${chunks}${GET}`);
    assert.deepEqual(message?.head.body, { kind: 'chunked' });
    assert.equal(message?.body, 'abc0123456789');
    assert.deepEqual(message?.trailers, ['X-T', 't', 'Y', '']);
    assert.equal(next?.head.target, '/a?b=c');
  });

  it('leaves the connection open or not, by its version and Connection (§9.3)', () => {
    assert.equal(get('').keepAlive, true);
    assert.equal(get('Connection: close\r\n').keepAlive, false);
    assert.equal(get('Connection: x, CLOSE ,y\r\n').keepAlive, false);
    assert.equal(get('Connection: a\r\nConnection: close\r\n').keepAlive, false);
    assert.equal(get('Connection: closed, not-close\r\n').keepAlive, true);
    assert.equal(get('', '1.0').keepAlive, false);
    assert.equal(get('Connection: Keep-Alive\r\n', '1.0').keepAlive, true);
    assert.equal(get('Connection: keep-alive, close\r\n', '1.0').keepAlive, false);
  });

  it('has the Host that it sent, without a final dot or an empty port (§3.2)', () => {
    const hosts = {
      'A.example': 'a.example',
      'a.:8443': 'a:8443',
      'a:': 'a',
      'a.:': 'a',
      '[::1]:1': '[::1]:1',
    };
    for (const [sent, host] of Object.entries(hosts)) {
      assert.equal(head(`GET / HTTP/1.1\r\nhOST: ${sent}\r\n\r\n`).host, host);
    }
    assert.equal(head('GET / HTTP/1.0\r\n\r\n').host, undefined);
  });

  it('expects 100 only in HTTP/1.1 and with a body (RFC 9110 §10.1.1)', () => {
    const expecting = (version: string, length: number) =>
      read(
        `POST / HTTP/${version}\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: ${length}\r\n\r\nx`,
      )[0];
    assert.equal(expecting('1.1', 1)?.head.expectsContinue, true);
    assert.equal(expecting('1.0', 1)?.head.expectsContinue, false);
    assert.equal(get('Expect: 100-continue\r\n').expectsContinue, false);
  });

  it('asks for a WebSocket with a complete handshake (RFC 6455 §4.1)', () => {
    assert.equal(get(HANDSHAKE).isWebSocket, true);
  });

  it('may offer any other upgrade, which is ignored (RFC 9110 §7.8)', () => {
    for (const upgrade of ['h2c', 'TLS/1.2', 'h2, h2c', 'websocket/13', '']) {
      assert.equal(get(`Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`).isWebSocket, false);
    }
  });

  it('may fill the limits exactly', () => {
    const limits = { maxHeadBytes: GET.length, maxFields: 2 };
    const { messages } = sameInAllSplits(GET, (parts) => traceRequests(parts, limits));
    assert.equal(messages.length, 1);
  });
});

describe('the reader', () => {
  function reader() {
    return createRequestReader(LIMITS, { head() {}, body() {}, complete() {} });
  }

  it('detects an end inside of a request, and refuses it (§8)', () => {
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n';
    for (const text of ['G', 'GET / HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n', post]) {
      const midway = reader();
      midway.read(Buffer.from(text));
      assert.equal(midway.isMidway, true, text);
      assert.throws(() => midway.end(), { code: 'bad_request' });
    }
    for (const text of ['', '\r\n', GET, `${post}x`]) {
      const between = reader();
      between.read(Buffer.from(text));
      assert.equal(between.isMidway, false, text);
      between.end();
    }
  });

  it('reads nothing after a refusal', () => {
    const refused = reader();
    assert.throws(() => refused.read(Buffer.from('GET\n')), { code: 'bad_request' });
    assert.throws(() => refused.read(Buffer.from(GET)), { code: 'bad_request' });
  });

  it('passes on the octets of a body without a copy', () => {
    const octets = Buffer.from('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc');
    const bodies: Uint8Array[] = [];
    const events = { head() {}, complete() {}, body: (part: Uint8Array) => void bodies.push(part) };
    createRequestReader(LIMITS, events).read(octets);
    assert.equal(bodies[0]?.buffer, octets.buffer);
  });

  it('accepts octets that are not a Buffer', () => {
    const targets: string[] = [];
    const events = { body() {}, complete() {}, head: ({ target }: RequestHead) => void targets.push(target) };
    createRequestReader(LIMITS, events).read(new TextEncoder().encode(GET));
    assert.deepEqual(targets, ['/a?b=c']);
  });
});

// Requests that two parsers might read differently (RFC 9112). Each is refused with any split.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sameInAllSplits, traceRequests } from './support/traces.ts';

const HOST = 'Host: localhost\r\n';
const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

function get(fields: string, target = '/'): string {
  return `GET ${target} HTTP/1.1\r\n${HOST}${fields}\r\n`;
}

function post(fields: string, body = '0\r\n\r\n'): string {
  return `POST / HTTP/1.1\r\n${HOST}${fields}\r\n${body}`;
}

function chunked(body: string): string {
  return post('Transfer-Encoding: chunked\r\n', body);
}

function each(values: readonly string[], make: (value: string) => string): string[] {
  return values.map(make);
}

const BAD_REQUESTS: Record<string, string[]> = {
  'Content-Length together with Transfer-Encoding (§6.1)': [
    post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'),
    post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n'),
    post('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n'),
  ],
  'a coding other than exactly chunked (§6.1)': each(
    [
      'xchunked',
      'identity',
      'gzip, chunked',
      'chunked, chunked',
      '"chunked"',
      'chunked;q=1',
      ', chunked',
      '\xa0chunked',
      '',
    ],
    (coding) => post(`Transfer-Encoding: ${coding}\r\n`),
  ),
  'a CONNECT with content (RFC 9110 §9.3.6)': each(
    ['Content-Length: 1', 'Transfer-Encoding: chunked'],
    (field) => `CONNECT localhost:443 HTTP/1.1\r\n${HOST}${field}\r\n\r\n`,
  ),
  'a tab beside the transfer coding, because parsers then read different bodies': [
    post('Transfer-Encoding: chunked\t\r\n'),
    post('Transfer-Encoding:\tchunked\r\n'),
  ],
  'Transfer-Encoding in HTTP/1.0 (§6.1)': [
    `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  'a Content-Length that is not one plain number (§6.3)': each(
    [
      '+1',
      '-1',
      '0x1',
      '1a',
      '',
      '1 1',
      '1, 1',
      '1;',
      '1.0',
      '1e0',
      '"1"',
      '\xb2',
      '1_0',
      '01',
      '00',
      '9007199254740993',
      '18446744073709551617',
      '9'.repeat(40),
    ],
    (length) => post(`Content-Length: ${length}\r\n`, 'x'),
  ),
  'two copies of a field that is allowed once': each(
    [
      'Content-Length: 1',
      'Transfer-Encoding: chunked',
      'Authorization: a',
      'x-aPI-key: a',
      'Content-Type: a/b',
      'Expect: 100-continue',
    ],
    (field) => post(`${field}\r\n${field}\r\n`),
  ),
  'two Hosts (§3.2)': [get('Host: localhost\r\n'), get('HOST: other\r\n')],
  'a bare LF or CR (§2.2)': [
    `GET / HTTP/1.1\n${HOST}\r\n`,
    `GET / HTTP/1.1\r\nHost: a\n\r\n`,
    `GET / HTTP/1.1\r\n${HOST}\n`,
    'GET / HTTP/1.1\nHost: a\n\n',
    '\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    get('A: b\nB: c\r\n'),
    get('A\n: b\r\n'),
    get('A: b\rB: c\r\n'),
    get('\rB: c\r\n'),
    get('A: b\r\r\n'),
    `GET / HTTP/1.1\r\r\n${HOST}\r\n`,
    `GET /\rHTTP/1.1\r\n${HOST}\r\n`,
    'GET\r/ HTTP/1.1\r\nHost: a\r\n\r\n',
    '\rGET / HTTP/1.1\r\nHost: a\r\n\r\n',
  ],
  'more than one empty line before it (§2.2)': [`\r\n\r\n${get('')}`, `${get('')}\r\n\r\n${get('')}`],
  'line folding (§5.2)': [
    get('A: b\r\n c\r\n'),
    get('A: b\r\n\tc\r\n'),
    get('A:\r\n b\r\n'),
    get('A: b\r\n \r\n'),
    `GET / HTTP/1.1\r\n A: b\r\n${HOST}\r\n`,
  ],
  'white space before the colon (§5.1)': [
    get('A : b\r\n'),
    get('A\t: b\r\n'),
    post('Content-Length : 1\r\n', 'x'),
  ],
  'names that are not tokens (RFC 9110 §5.1)': each(
    ['', 'A\0', 'A b', 'A(', '\xe9', 'A"', 'A,', 'A/', 'A;', 'A{', 'A\x7f'],
    (name) => get(`${name}: b\r\n`),
  ),
  'a line without a colon': [get('A\r\n'), get('Host\r\n'), get(', b\r\n')],
  'control octets in values (RFC 9110 §5.5)': each(
    ['b\0c', '\x01', 'b\x0b', 'b\x0c', '\x1b[m', 'b\x7f', 'b\x08'],
    (value) => get(`A: ${value}\r\n`),
  ),
  'an invalid request line (§3)': [
    ...each(
      [
        'GET  / HTTP/1.1',
        ' GET / HTTP/1.1',
        'GET\t/ HTTP/1.1',
        'GET / HTTP/1.1 ',
        'GET /  HTTP/1.1',
        'GET / a HTTP/1.1',
        'GET /\tHTTP/1.1',
        'GET  HTTP/1.1',
        'G(T / HTTP/1.1',
        'G\0T / HTTP/1.1',
        'G\xe9T / HTTP/1.1',
        ': / HTTP/1.1',
      ],
      (line) => `${line}\r\n${HOST}\r\n`,
    ),
    ...each(['/\0', '/\x7f', '/\xc3\xa9', '/\x1f', '/?\x80'], (target) => get('', target)),
  ],
  'versions other than 1.1 and 1.0 (§2.3)': [
    ...each(
      [
        'HTTP/0.9',
        'HTTP/1.2',
        'HTTP/1.01',
        'HTTP/2.0',
        'HTTP/0.1',
        'HTTP/01.1',
        'http/1.1',
        'HTTP/1',
        'HTTP/1.',
        'HTTP/1.1.1',
        'HTTP/1.1a',
        'ICY/1.0',
        'HTTP 1.1',
      ],
      (version) => `GET / ${version}\r\n${HOST}\r\n`,
    ),
    `GET /\r\n${HOST}\r\n`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ],
  'an invalid chunk size (§7.1)': each(
    [
      'g',
      '-1',
      '+1',
      '0x1',
      ' 1',
      '1 ',
      '1\t',
      '',
      `${'F'.repeat(16)}1`,
      '1000000000000',
      '1\n',
      '1\r1',
      ';a',
      '1,',
      '1\0',
    ],
    (size) => chunked(`${size}\r\nx\r\n0\r\n\r\n`),
  ),
  'an invalid end of a chunk (§7.1)': each(
    ['1\r\nxyz\r\n', '1\r\nx0\r\n', '1\r\nx\n0\r\n', '1\r\nx\r\r\n', '1\r\nx\rx\r\n', '2\r\nx\r\n'],
    (chunk) => chunked(`${chunk}0\r\n\r\n`),
  ),
  'an invalid or long chunk extension (§7.1.1)': each(
    [
      ';',
      ';;',
      ';=',
      ';a=',
      ';a=;',
      ';a b',
      '; a',
      ' ;a',
      ';a =b',
      ';a= b',
      ';a="',
      ';a="b',
      ';a="b"c',
      ';"a"',
      ';a="\0"',
      ';a=b=c',
      ';a\n',
      ';a="\\\x01"',
      `;${'a'.repeat(5000)}`,
    ],
    (extension) => chunked(`1${extension}\r\nx\r\n0\r\n\r\n`),
  ),
  'extensions that are too long together': [
    chunked(`${`1;${'a'.repeat(500)}\r\nx\r\n`.repeat(10)}0\r\n\r\n`),
  ],
  'invalid trailers (§7.1.2)': each(
    ['X', 'X : a', ' X: a', 'X: a\r\n b', 'X: a\nY: b', 'X: \0', '\r'],
    (trailer) => chunked(`0\r\n${trailer}\r\n\r\n`),
  ),
  'trailers for framing, routing or identity (RFC 9110 §6.5.1)': each(
    [
      'Content-Length: 0',
      'Transfer-Encoding: chunked',
      'Host: b',
      'Authorization: b',
      'X-Api-Key: b',
      'Connection: close',
      'Content-Type: a/b',
      'Upgrade: h2c',
      'Expect: x',
    ],
    (trailer) => chunked(`0\r\n${trailer}\r\n\r\n`),
  ),
  'an incomplete request for a WebSocket (RFC 6455 §4.2.1)': [
    get(HANDSHAKE.replace(/Sec-WebSocket-Key.*\r\n/, '')),
    get(HANDSHAKE.replace('dGhl', '')),
    get(HANDSHAKE.replace(/Sec-WebSocket-Version.*\r\n/, '')),
    get(HANDSHAKE.replace(': 13', ': x')),
    get(HANDSHAKE.replace('Connection: Upgrade', 'Connection: keep-alive')),
    get(HANDSHAKE.replace('websocket', 'websocket, h2c')),
    get(`${HANDSHAKE}Upgrade: websocket\r\n`),
    get(`${HANDSHAKE}Sec-WebSocket-Version: 13\r\n`),
    get(`${HANDSHAKE}Content-Length: 1\r\n`),
    post(HANDSHAKE, ''),
    `GET / HTTP/1.0\r\n${HOST}${HANDSHAKE}\r\n`,
  ],
};

const OTHER_CODES: Record<string, string[]> = {
  host_invalid: [
    `GET / HTTP/1.1\r\nA: b\r\n\r\n`,
    ...each(
      [
        '',
        'a, b',
        'a b',
        'a/b',
        'a@b',
        'a?b',
        'a#b',
        'a\\b',
        'a:b',
        'a:123456',
        'a:65536',
        '[a.b]',
        '[1.2.3.4]',
        '[]',
        'a::',
        'a..',
        '.',
        ':',
        ':80',
        '[::1',
        '::1',
        'a%00',
        'http://a',
        "a'b",
        '\xe9',
        'a:1:2',
      ],
      (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    ),
    'GET / HTTP/1.0\r\nHost: a b\r\n\r\n',
  ],
  expectation_failed: [post('Expect: 200-ok\r\n'), post('Expect:\r\n'), post('Expect: 100-continue, x\r\n')],
  header_too_large: [
    get(`A: ${'a'.repeat(2000)}\r\n`),
    get(`${'a'.repeat(2000)}: b\r\n`),
    get('', `/${'a'.repeat(2000)}`),
    `${'A'.repeat(2000)} / HTTP/1.1\r\n${HOST}\r\n`,
    get('A: b\r\n'.repeat(20)),
    get('A: bcdefghijklmnopqrstuvwxyz0123456789bcdefghijklmnopqrstuvwxyz0123456789\r\n'.repeat(15)),
    chunked(`0\r\n${'A: b\r\n'.repeat(21)}\r\n`),
    chunked(`0\r\nA: ${'a'.repeat(2000)}\r\n\r\n`),
  ],
};

describe('refuses, with any split,', () => {
  for (const [what, requests] of Object.entries(BAD_REQUESTS)) {
    it(what, () => {
      for (const request of requests) assertRefused(request, 'bad_request');
    });
  }
  for (const [code, requests] of Object.entries(OTHER_CODES)) {
    it(`what is ${code}`, () => {
      for (const request of requests) assertRefused(request, code);
    });
  }
});

function assertRefused(request: string, code: string): void {
  const { messages, refusal } = sameInAllSplits(request, (parts) => traceRequests(parts));
  assert.match(refusal ?? 'accepted', new RegExp(`^${code}: `), JSON.stringify(request));
  assert.ok(
    !messages.some(({ trailers, head }) => trailers && head.method === 'POST'),
    'no complete request',
  );
}

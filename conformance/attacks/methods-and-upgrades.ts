// Attacks with methods (RFC 9110 §9) and with Upgrade (§7.8): through a tunnel that opens without the
// gateway's knowledge, requests could pass its rules.
import type { AttackGroup } from './case.ts';
import { each, forwarded, get, HOST, post, refused, SMUGGLED, TARGET } from './case.ts';

const LINE = `GET ${TARGET} HTTP/1.1`;
const H2C =
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';
const WEBSOCKET = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const IGNORED = { line: LINE, lacks: ['upgrade', 'http2-settings'] };

export const METHODS_AND_UPGRADES: readonly AttackGroup[] = [
  refused(
    'CONNECT, TRACE and methods that no route names (RFC 9110 §9.1)',
    {
      CONNECT: `CONNECT localhost:443 HTTP/1.1\r\n${HOST}X-Mark: CASE000\r\n\r\n`,
      'CONNECT, and a request in the tunnel': `CONNECT localhost:443 HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`,
      'CONNECT with a path': `CONNECT ${TARGET} HTTP/1.1\r\n${HOST}\r\n`,
      'CONNECT with a URL': `CONNECT https://localhost${TARGET} HTTP/1.1\r\n${HOST}\r\n`,
      ...each(
        ['TRACE', 'TRACK', 'PROPFIND', 'PURGE', 'get', 'Get', 'GETX', 'G', 'QUERY', 'M-SEARCH', 'POSTGET'],
        (method) => `${method} ${TARGET} HTTP/1.1\r\n${HOST}\r\n`,
      ),
      'a very long method': `${'G'.repeat(10_000)} ${TARGET} HTTP/1.1\r\n${HOST}\r\n`,
    },
    [400, 405, 501],
  ),

  refused('a method that is not a token (RFC 9110 §9.1)', {
    ...each(
      ['G\xc9T', 'GE(T', 'GE:T', '"GET"', 'GE/T', '{GET}'],
      (method) => `${method} ${TARGET} HTTP/1.1\r\n${HOST}\r\n`,
    ),
    'space before it': ` GET ${TARGET} HTTP/1.1\r\n${HOST}\r\n`,
    none: ` ${TARGET} HTTP/1.1\r\n${HOST}\r\n`,
    'a TLS record': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    'an answer': `HTTP/1.1 200 OK\r\n${HOST}Content-Length: 0\r\n\r\n`,
  }),

  forwarded('ignores Upgrade to anything but a WebSocket (RFC 9110 §7.8)', {
    h2c: [get(H2C), IGNORED],
    'h2c with prior knowledge behind it': [`${get(`${H2C}`)}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, IGNORED],
    'h2c without Connection': [get('Upgrade: h2c\r\n'), IGNORED],
    'h2c in a list': [get('Connection: Upgrade\r\nUpgrade: foo/1, h2c\r\n'), IGNORED],
    h2: [get('Connection: Upgrade\r\nUpgrade: h2\r\n'), IGNORED],
    TLS: [get('Connection: Upgrade\r\nUpgrade: TLS/1.2\r\n'), IGNORED],
    'h2c with a body': [
      post('Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n', 'hello'),
      { line: `POST ${TARGET} HTTP/1.1`, body: 'hello', lacks: ['upgrade'] },
    ],
    'an empty protocol': [get('Connection: Upgrade\r\nUpgrade:\r\n'), IGNORED],
  }),

  refused('an incomplete request for a WebSocket (RFC 6455 §4.1)', {
    'of HTTP/1.0': `GET ${TARGET} HTTP/1.0\r\n${HOST}${WEBSOCKET}${KEY}\r\n`,
    'without a key': get(WEBSOCKET),
    'beside h2c': get(
      `Connection: Upgrade\r\nUpgrade: websocket, h2c\r\nSec-WebSocket-Version: 13\r\n${KEY}`,
    ),
    'without Connection': get(`Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n${KEY}`),
    'with a body': post(`${WEBSOCKET}${KEY}Content-Length: 5\r\n`, 'hello'),
    'and a request in the tunnel': `${get(WEBSOCKET)}${SMUGGLED}`,
  }),

  forwarded('removes what Connection nominates and what ends at this hop (RFC 9110 §7.6.1)', {
    'nominated fields': [
      get('Connection: X-A, keep-alive\r\nX-A: b\r\nX-B: c\r\n'),
      { line: LINE, lacks: ['x-a'], has: { 'x-b': 'c' } },
    ],
    'fields of this hop': [
      get('TE: trailers\r\nTrailer: X-T\r\nKeep-Alive: timeout=1\r\nProxy-Connection: keep-alive\r\n'),
      { line: LINE, lacks: ['te', 'trailer', 'keep-alive', 'proxy-connection'] },
    ],
    'credentials of a proxy': [
      get('Proxy-Authorization: Basic eDp5\r\n'),
      { line: LINE, lacks: ['proxy-authorization'] },
    ],
    'values that only the gateway may send': [
      get(
        'Gatehouse-Assertion: x\r\nX-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\nX-Forwarded-Host: other.example\r\n' +
          'X-Real-IP: 192.0.2.1\r\nX-Client-Cert: x\r\nX-Forwarded-Client-Cert: x\r\nX_Forwarded_For: 192.0.2.1\r\n',
      ),
      {
        line: LINE,
        lacks: [
          'gatehouse-assertion',
          'x-real-ip',
          'x-client-cert',
          'x-forwarded-client-cert',
          'x_forwarded_for',
        ],
        has: { 'x-forwarded-for': '127.0.0.1' },
      },
    ],
  }),
];

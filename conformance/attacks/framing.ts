// Attacks on the length of a message (RFC 9112 §6): two parsers that disagree about the end of a request read
// different requests after it.
import type { AttackGroup } from './case.ts';
import { each, forwarded, get, HOST, post, refused, SMUGGLED, TARGET } from './case.ts';

const TE = 'Transfer-Encoding: chunked\r\n';
const LAST = '0\r\n\r\n';
const LINE = `POST ${TARGET} HTTP/1.1`;

function encoded(value: string): string {
  return post(`Transfer-Encoding:${value}\r\n`, `${LAST}${SMUGGLED}`);
}

export const FRAMING: readonly AttackGroup[] = [
  refused('Content-Length together with Transfer-Encoding (RFC 9112 §6.1)', {
    'CL.TE': post(`Content-Length: 6\r\n${TE}`, `${LAST}${SMUGGLED}`),
    'TE.CL': post(`${TE}Content-Length: 4\r\n`, `5c\r\n${SMUGGLED}\r\n${LAST}`),
    'CL 0, then TE': post(`Content-Length: 0\r\n${TE}`, `${LAST}${SMUGGLED}`),
    'in GET': `${get(`Content-Length: 5\r\n${TE}`)}${LAST}`,
    'with an invalid CL': post(`Content-Length: x\r\n${TE}`, LAST),
    'with an empty CL': post(`Content-Length:\r\n${TE}`, LAST),
    'with two CL': post(`Content-Length: 5\r\n${TE}Content-Length: 5\r\n`, LAST),
    'with a CL that is the octets of the chunks': post(`Content-Length: 5\r\n${TE}`, LAST),
    'with an unknown TE': post('Content-Length: 5\r\nTransfer-Encoding: x\r\n', `${LAST}${SMUGGLED}`),
    'with an empty TE': post('Content-Length: 5\r\nTransfer-Encoding:\r\n', `${LAST}${SMUGGLED}`),
    'CL nominated by Connection': post(
      `Connection: content-length\r\nContent-Length: 6\r\n${TE}`,
      `${LAST}${SMUGGLED}`,
    ),
    'TE nominated by Connection': post(
      `Connection: transfer-encoding\r\n${TE}Content-Length: 6\r\n`,
      `${LAST}${SMUGGLED}`,
    ),
  }),

  refused(
    'a transfer coding other than only chunked, or an obfuscated one (RFC 9112 §6.1)',
    {
      ...each(
        [
          ' xchunked',
          ' identity',
          ' gzip',
          ' gzip, chunked',
          ' chunked, gzip',
          ' chunked, identity',
          ' identity, chunked',
          ' chunked, chunked',
          ' , chunked',
          ' chunked,',
          ' chunked,,',
          ' "chunked"',
          " 'chunked'",
          ' chunked;q=1',
          ' chunked;',
          ' chunked chunked',
          ' chun ked',
          ' chunked\x0b',
          ' \x0bchunked',
          ' \x0cchunked',
          ' chunked\0',
          ' \xa0chunked',
          ' chunked\x85',
          ' \xefchunked',
          ' chunked\x7f',
          ' c\xe2\x84\xaaunked',
          ' chun\xe2\x84\xaaed',
          ' x-chunked',
          ' chunked-x',
          ' chunke',
          ' 1',
          '',
          ' ',
        ],
        encoded,
      ),
      'two fields': post(`${TE}Transfer-Encoding: identity\r\n`, LAST),
      'two fields, other order': post(`Transfer-Encoding: identity\r\n${TE}`, LAST),
      'two fields, both chunked': post(`${TE}${TE}`, LAST),
      'two fields, empty first': post(`Transfer-Encoding:\r\n${TE}`, LAST),
      'two fields in different case': post(`${TE}transfer-encoding: chunked\r\n`, LAST),
      'space before the colon': post('Transfer-Encoding : chunked\r\n', LAST),
      'tab before the colon': post('Transfer-Encoding\t: chunked\r\n', LAST),
      'NUL in the name': post('Transfer\0-Encoding: chunked\r\n', LAST),
      'space in the name': post('Transfer Encoding: chunked\r\n', LAST),
      'line folding': post('Transfer-Encoding:\r\n chunked\r\n', LAST),
      'behind a bare LF': post('X-A: b\nTransfer-Encoding: chunked\r\n', LAST),
      'behind a bare CR': post('X-A: b\rTransfer-Encoding: chunked\r\n', LAST),
      'colon in front of the name': post(':Transfer-Encoding: chunked\r\n', LAST),
    },
    [400, 501],
  ),

  refused('more than one Content-Length (RFC 9112 §6.3)', {
    'two equal': post('Content-Length: 1\r\nContent-Length: 1\r\n', 'x'),
    'two different': post('Content-Length: 1\r\nContent-Length: 0\r\n', 'x'),
    'in different case': post('Content-Length: 1\r\ncontent-length: 1\r\n', 'x'),
    'zero, then the smuggled request': post(
      `Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n`,
      SMUGGLED,
    ),
    ...each(['1, 1', '1,1', '0, 1', '1,', ',1', '1 ,1'], (value) =>
      post(`Content-Length: ${value}\r\n`, 'x'),
    ),
  }),

  refused(
    'a Content-Length that is not digits (RFC 9110 §8.6)',
    {
      ...each(
        ['+1', '-1', '-0', '0x1', '1a', 'a1', '', '1 1', '1;', '1.0', '1e0', '"1"', '1_0', "0'1", '1\0'],
        (value) => post(`Content-Length: ${value}\r\n`, 'x'),
      ),
      ...each(['\xb2', '\xd9\xa1', '\xef\xbc\x91', '\x0b1', '1\x0c', '\xa01'], (value) =>
        post(`Content-Length: ${value}\r\n`, 'x'),
      ),
      'zeros before it, which some read as octal': post('Content-Length: 010\r\n', '0123456789'),
      'space before the colon': post('Content-Length : 1\r\n', 'x'),
      'line folding': post('Content-Length:\r\n 1\r\n', 'x'),
    },
    [400],
  ),

  refused(
    'a Content-Length that is too large (RFC 9112 §6.3)',
    each(
      [
        '4294967297',
        '9007199254740992',
        '9007199254740993',
        '9223372036854775808',
        '18446744073709551616',
        '18446744073709551617',
        '9'.repeat(40),
        `1${'0'.repeat(300)}`,
      ],
      (value) => post(`Content-Length: ${value}\r\n`, `x${SMUGGLED}`),
    ),
    [400, 413],
  ),

  refused('Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1)', {
    plain: `POST ${TARGET} HTTP/1.0\r\n${HOST}${TE}\r\n${LAST}`,
    'keep-alive': `POST ${TARGET} HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n${TE}\r\n${LAST}${SMUGGLED}`,
  }),

  forwarded('reads a length in the one way that all parsers agree on (RFC 9112 §6)', {
    'a length': [post('Content-Length: 5\r\n', 'hello'), { line: LINE, body: 'hello' }],
    'white space around a length': [
      post('Content-Length:\t 5 \t\r\n', 'hello'),
      { line: LINE, body: 'hello', has: { 'content-length': '5' } },
    ],
    'a length that Connection nominates': [
      post('Connection: Content-Length\r\nContent-Length: 5\r\n', 'hello'),
      { line: LINE, body: 'hello' },
    ],
    'chunks that Connection nominates': [
      post(`Connection: Transfer-Encoding\r\n${TE}`, `5\r\nhello\r\n${LAST}`),
      { line: LINE, body: 'hello' },
    ],
    'chunked in any case': [
      post('transfer-ENCODING: ChUnKeD\r\n', `5\r\nhello\r\n${LAST}`),
      { line: LINE, body: 'hello' },
    ],
    'a request as the body': [
      post(`Content-Length: ${SMUGGLED.length}\r\n`, SMUGGLED),
      { line: LINE, body: SMUGGLED },
    ],
    'a POST without a length': [post('', ''), { line: LINE, body: '' }],
    'fields with names like the framing fields': [
      get('Content_Length: 5\r\nX-Transfer-Encoding: chunked\r\n'),
      { line: `GET ${TARGET} HTTP/1.1`, lacks: ['content-length', 'transfer-encoding'] },
    ],
  }),
];

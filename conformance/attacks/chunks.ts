// Attacks with chunked bodies (RFC 9112 §7.1): sizes, line ends, extensions and trailers. The mistake is in
// the first octets of the body, so no part of the request may reach the upstream.
import type { AttackGroup } from './case.ts';
import { chunked, each, forwarded, post, refused, SMUGGLED, TARGET } from './case.ts';

const LINE = `POST ${TARGET} HTTP/1.1`;
const LAST = '0\r\n\r\n';

export const CHUNKS: readonly AttackGroup[] = [
  refused(
    'an invalid chunk size (RFC 9112 §7.1)',
    {
      ...each(
        [
          'g',
          '-1',
          '+1',
          '0x1',
          ' 1',
          '\t1',
          '1 ',
          '1\t',
          '1\x0b',
          '',
          ' ',
          '1g',
          '1.',
          '1,1',
          '1 1',
          '\xb2',
          '1\0',
          '1_0',
          '"1"',
        ],
        (size) => chunked(`${size}\r\nx\r\n${LAST}`),
      ),
      'larger than a number': chunked(`${'F'.repeat(16)}1\r\nx\r\n${LAST}`),
      'that is 1 modulo 2^64': chunked(`10000000000000001\r\nx\r\n${LAST}`),
      '-0 as the last': chunked('1\r\nx\r\n-0\r\n\r\n'),
      'with many zeros before it': chunked(`${'0'.repeat(5000)}1\r\nx\r\n${LAST}`),
      'with no end': chunked('1'.repeat(5000)),
    },
    [400, 413],
  ),

  refused('a wrong line end in a chunked body (RFC 9112 §2.2, §7.1)', {
    'data longer than announced': chunked(`1\r\nxyz\r\n${LAST}`),
    'data without CRLF after it': chunked(`1\r\nx${LAST}`),
    'LF after the size': chunked(`1\nx\r\n${LAST}`),
    'LF after the data': chunked(`1\r\nx\n${LAST}`),
    'CR after the size': chunked(`1\rx\r\n${LAST}`),
    'CR CR LF after the data': chunked(`1\r\nx\r\r\n${LAST}`),
    'LF CR after the size': chunked(`1\n\rx\r\n${LAST}`),
    'LF after the last size': chunked('0\n\r\n'),
    'LF as the last line': chunked('0\r\n\n'),
    'only LF': chunked('0\n\n'),
    'CR without LF at the end': chunked(`0\r\n\r${SMUGGLED}`),
    'octets in place of the last line': chunked(`0\r\nxx${SMUGGLED}`),
  }),

  refused('an invalid chunk extension (RFC 9112 §7.1.1)', {
    'LF in it': chunked(`1;a\nb\r\nx\r\n${LAST}`),
    'LF at its end': chunked(`1;a\nx\r\n${LAST}`),
    'CR in it': chunked(`1;a\rb\r\nx\r\n${LAST}`),
    'NUL in it': chunked(`1;a\0b\r\nx\r\n${LAST}`),
    'a control octet in it': chunked(`1;a=\x01\r\nx\r\n${LAST}`),
    'DEL in it': chunked(`1;a=\x7f\r\nx\r\n${LAST}`),
    'a quoted line end': chunked(`1;a="\r\n"\r\nx\r\n${LAST}`),
    'LF in the last': chunked('0;a\n\r\n'),
  }),

  refused(
    'a flood of chunk extensions (RFC 9112 §7.1.1)',
    {
      'after the first size': chunked(`1;${'a'.repeat(20_000)}\r\nx\r\n${LAST}`),
      'after the last size': chunked(`0;${'a=b;'.repeat(5000)}\r\n\r\n`),
      'without an end': chunked(`1;${'a'.repeat(200_000)}`),
    },
    [400, 413, 431],
  ),

  refused('an invalid trailer (RFC 9112 §7.1.2)', {
    'without a colon': chunked('0\r\nX-Trailer\r\n\r\n'),
    'with a space in its name': chunked('0\r\nX Trailer: a\r\n\r\n'),
    'with a space before the colon': chunked('0\r\nX-Trailer : a\r\n\r\n'),
    folded: chunked('0\r\nX-A: b\r\n c\r\n\r\n'),
    'with LF': chunked('0\r\nX-A: b\nX-B: c\r\n\r\n'),
    'with NUL': chunked('0\r\nX-A: b\0c\r\n\r\n'),
    'that is a request': chunked(`0\r\n${SMUGGLED}`),
  }),

  refused(
    'a trailer that frames, routes or identifies (RFC 9110 §6.5.1)',
    each(
      [
        'Content-Length: 0',
        'Transfer-Encoding: chunked',
        'Host: other.example',
        'Authorization: b',
        'Connection: close',
      ],
      (trailer) => chunked(`0\r\n${trailer}\r\n\r\n`),
    ),
  ),

  refused(
    'a flood of trailers (RFC 6585 §5)',
    {
      many: chunked(`0\r\n${'X-A: b\r\n'.repeat(20_000)}\r\n`),
      'one large': chunked(`0\r\nX-A: ${'b'.repeat(200_000)}\r\n\r\n`),
      'without an end': chunked(`0\r\n${'X-A: b\r\n'.repeat(20_000)}`),
    },
    [400, 413, 431],
  ),

  forwarded('reads chunks, and drops extensions and trailers (RFC 9112 §7.1)', {
    'sizes in both cases and with zeros': [
      chunked(`A\r\n0123456789\r\na\r\n0123456789\r\n0001\r\nx\r\n000\r\n\r\n`),
      { line: LINE, body: '01234567890123456789x' },
    ],
    extensions: [chunked(`3;a=b;c="d;e";f\r\nabc\r\n0;g\r\n\r\n`), { line: LINE, body: 'abc' }],
    'trailers, which cannot set fields': [
      chunked(`3\r\nabc\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\nX-T: t\r\n\r\n`),
      { line: LINE, body: 'abc', has: { 'x-forwarded-for': '127.0.0.1' }, lacks: ['x-t'] },
    ],
    'a request as the data': [
      chunked(`${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n${LAST}`),
      { line: LINE, body: SMUGGLED },
    ],
    'no data at all': [chunked(LAST), { line: LINE, body: '' }],
    'chunks in GET': [
      post('Transfer-Encoding: chunked\r\n', `3\r\nabc\r\n${LAST}`).replace('POST', 'GET'),
      { line: `GET ${TARGET} HTTP/1.1`, body: 'abc' },
    ],
  }),
];

// Attacks on line ends and fields (RFC 9112 §2.2, §5; RFC 9110 §5): one parser reads a text as part of a
// value, and another as a separate line.
import type { AttackGroup } from './case.ts';
import { each, forwarded, get, HOST, post, refused, TARGET } from './case.ts';

const LINE = `GET ${TARGET} HTTP/1.1`;
const CONTROLS = [0, 1, 7, 8, 11, 12, 14, 27, 31, 127];

function controls(place: (octet: string) => string): Record<string, string> {
  return Object.fromEntries(
    CONTROLS.map((code) => [`octet ${code.toString(16)}`, place(String.fromCharCode(code))]),
  );
}

export const LINES_AND_FIELDS: readonly AttackGroup[] = [
  refused('a bare LF or CR as a line end (RFC 9112 §2.2)', {
    'LF after the request line': `${LINE}\n${HOST}\r\n`,
    'LF after a field': get('X-A: b\nX-B: c\r\n'),
    'LF everywhere': `${LINE}\nHost: localhost\n\n`,
    'LF as the empty line': `${LINE}\r\n${HOST}\n`,
    'LF LF': `${LINE}\r\nHost: localhost\n\n`,
    'LF before a second Host': get('X-A: b\nHost: other.example\r\n'),
    'LF in the target': get('', `${TARGET}\nX`),
    'CR in a field': get('X-A: b\rX-B: c\r\n'),
    'CR at the end of a value': get('X-A: b\r\r\n'),
    'CR in a name': get('X\r-A: b\r\n'),
    'CR before the colon': get('X-A\r: b\r\n'),
    'CR after the colon': get('X-A:\rb\r\n'),
    'CR as the empty line': `${LINE}\r\n${HOST}\rX: y\r\n\r\n`,
    'CR CR LF': `${LINE}\r\r\n${HOST}\r\n`,
    'CR CR LF as the empty line': `${LINE}\r\n${HOST}\r\r\n`,
    'CR in the request line': `GET ${TARGET}\rHTTP/1.1\r\n${HOST}\r\n`,
    'CR in the method': `GE\rT ${TARGET} HTTP/1.1\r\n${HOST}\r\n`,
    'CR before the request line': `\r${LINE}\r\n${HOST}\r\n`,
    'LF before the request line': `\n${LINE}\r\n${HOST}\r\n`,
  }),

  refused('line folding (RFC 9112 §5.2)', {
    space: get('X-A: b\r\n c\r\n'),
    tab: get('X-A: b\r\n\tc\r\n'),
    'of Host': `${LINE}\r\nHost:\r\n localhost\r\n\r\n`,
    'that hides a second Host': get('X-A: b\r\n Host: other.example\r\n'),
    'before the first field': `${LINE}\r\n X-A: b\r\n${HOST}\r\n`,
    'before the first field, of Host': `${LINE}\r\n Host: other.example\r\n${HOST}\r\n`,
    'of white space only': get('X-A: b\r\n \r\n'),
    'of a tab only': get('X-A: b\r\n\t\r\n'),
    'of Transfer-Encoding': post('Transfer-Encoding: x\r\n chunked\r\n', '0\r\n\r\n'),
  }),

  refused(
    'a control octet in a value (RFC 9110 §5.5)',
    controls((octet) => get(`X-A: b${octet}c\r\n`)),
  ),
  refused(
    'a control octet at the end of a value (RFC 9110 §5.5)',
    controls((octet) => get(`X-A: b${octet}\r\n`)),
  ),
  refused(
    'a control octet in a name (RFC 9110 §5.1)',
    controls((octet) => get(`X${octet}A: b\r\n`)),
  ),
  refused('a control octet in the request line (RFC 9112 §3)', {
    ...controls((octet) => get('', `${TARGET}${octet}`)),
    'NUL in the method': `G\0T ${TARGET} HTTP/1.1\r\n${HOST}\r\n`,
    'NUL in the version': `GET ${TARGET} HTTP/1.\0\r\n${HOST}\r\n`,
  }),

  refused('a name that is not a token (RFC 9110 §5.1)', {
    ...each(['(', ')', ',', '/', ';', '<', '=', '>', '?', '@', '[', '\\', ']', '{', '}', '"', ' '], (octet) =>
      get(`X${octet}A: b\r\n`),
    ),
    'octet above 127': get('X\xe9: b\r\n'),
    'UTF-8': get('X\xc3\xa9: b\r\n'),
    empty: get(': b\r\n'),
    'no colon': get('X-A\r\n'),
    'no colon, first': `${LINE}\r\nX-A\r\n${HOST}\r\n`,
    'a request line': get(`GET ${TARGET}-smuggled HTTP/1.1\r\n`),
  }),

  refused('white space before the colon (RFC 9112 §5.1)', {
    space: get('X-A : b\r\n'),
    tab: get('X-A\t: b\r\n'),
    'of Host': `${LINE}\r\nHost : localhost\r\n\r\n`,
    'of a second Host': get('Host : other.example\r\n'),
    'of Connection': get('Connection : close\r\n'),
  }),

  forwarded('passes fields on as they are (RFC 9110 §5.5)', {
    'octets above 127 in a value': [
      get('X-A: caf\xe9 \xc3\xa9\r\n'),
      { line: LINE, has: { 'x-a': 'caf\xe9 \xc3\xa9' } },
    ],
    'a tab in a value': [get('X-A: b\tc\r\n'), { line: LINE, has: { 'x-a': 'b\tc' } }],
    'white space around a value': [get('X-A: \t b c \t \r\n'), { line: LINE, has: { 'x-a': 'b c' } }],
    'an empty value': [get('X-A:\r\n'), { line: LINE, has: { 'x-a': '' } }],
    'a value of white space': [get('X-A: \t \r\n'), { line: LINE, has: { 'x-a': '' } }],
    'colons in a value': [get('X-A: b: c:\r\n'), { line: LINE, has: { 'x-a': 'b: c:' } }],
    'a name that CGI could take for another: dropped': [
      get("X!#$%&'*+-.^`|~09azAZ: b\r\n"),
      { line: LINE, lacks: ["x!#$%&'*+-.^`|~09azaz"] },
    ],
    'a name that objects have': [
      get('__proto__: b\r\nconstructor: c\r\ntoString: d\r\n'),
      { line: LINE, has: { constructor: 'c', tostring: 'd' } },
    ],
    'an empty line before the request (RFC 9112 §2.2)': [`\r\n${get()}`, { line: LINE }],
  }),
];

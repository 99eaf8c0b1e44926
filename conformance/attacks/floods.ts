// Floods (RFC 6585 §5, RFC 9110 §15.5.15): heads that are too large or have too many fields, and requests
// that follow each other faster than they are answered.
import type { AttackGroup } from './case.ts';
import { forwarded, get, HOST, refused, TARGET } from './case.ts';

const LINE = `GET ${TARGET} HTTP/1.1`;

export const FLOODS: readonly AttackGroup[] = [
  refused(
    'a head that is too large or has too many fields (RFC 6585 §5)',
    {
      'one value': get(`X-A: ${'a'.repeat(20_000)}\r\n`),
      'one name': get(`${'a'.repeat(20_000)}: b\r\n`),
      'one target': get('', `${TARGET}${'a'.repeat(20_000)}`),
      'a value of 2 MB': get(`X-A: ${'a'.repeat(2_000_000)}\r\n`),
      'a target of 2 MB': get('', `${TARGET}${'a'.repeat(2_000_000)}`),
      'a line without an end': `${LINE}\r\n${HOST}X-A: ${'a'.repeat(200_000)}`,
      'a request line without an end': `GET ${TARGET}${'a'.repeat(200_000)}`,
      'white space without an end': `${LINE}\r\n${HOST}X-A:${' '.repeat(200_000)}`,
      'many fields': get('X-A: b\r\n'.repeat(200)),
      'very many fields': get('X-A: b\r\n'.repeat(20_000)),
      'very many names': get(Array.from({ length: 20_000 }, (_, index) => `X-${index}: b\r\n`).join('')),
      'very many fields without an end': `${LINE}\r\n${HOST}${'X-A: b\r\n'.repeat(20_000)}`,
      'very many empty values': get('X:\r\n'.repeat(3000)),
      'one large Cookie': get(`Cookie: ${'a=b; '.repeat(4000)}\r\n`),
      'empty lines without an end': '\r\n'.repeat(20_000),
    },
    [400, 414, 431],
  ),

  forwarded('serves heads within the limits', {
    'a large field': [
      get(`X-A: ${'a'.repeat(12_000)}\r\n`),
      { line: LINE, has: { 'x-a': 'a'.repeat(12_000) } },
    ],
    'ninety fields': [
      get(Array.from({ length: 90 }, (_, index) => `X-${index}: b\r\n`).join('')),
      { line: LINE, has: { 'x-89': 'b' } },
    ],
  }),
];

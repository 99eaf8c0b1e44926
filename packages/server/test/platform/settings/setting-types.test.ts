// The types of setting values, in the text of a person.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { z } from 'zod';
import {
  bytes,
  bytesOr,
  count,
  duration,
  httpOrigin,
  list,
  listenAddress,
} from '../../../src/platform/settings/setting-types.ts';

function accepts(schema: z.ZodType, cases: [unknown, unknown][]): void {
  for (const [written, meant] of cases)
    assert.deepEqual(schema.parse(written), meant, JSON.stringify(written));
}

/** Each value is refused with the one message that names the valid form. */
function refuses(schema: z.ZodType, cases: unknown[], message: RegExp): void {
  for (const written of cases) {
    const { error } = schema.safeParse(written);
    assert.match(error?.issues[0]?.message ?? 'accepted', message, JSON.stringify(written));
  }
}

test('a duration has a unit, or is a number of seconds', () => {
  const units: [unknown, number][] = [
    ['500ms', 0.5],
    ['30s', 30],
    ['1.5h', 5400],
    ['15m', 900],
    ['7d', 604_800],
    [' 30s ', 30],
    ['30', 30],
    [0.25, 0.25],
    [undefined, 60],
  ];
  accepts(duration('1m'), units);
});

test('refuses any other duration, and one out of its range, and names both limits', () => {
  const wrong = [
    '',
    's',
    '-1s',
    '1 s',
    '1w',
    '1S',
    '5constructor',
    '1e3s',
    '0x10s',
    'soon',
    '10ms',
    '366d',
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    null,
    [],
    {},
  ];
  refuses(
    duration('1m'),
    wrong,
    /^must be a duration such as 30s or 15m, from 0\.05 to 31536000 seconds(?:, not "1 s": write 1s|, not "1S": write 1s|, not "10ms".*)?$/,
  );
  refuses(duration('1m', { min: 2, max: 60 }), ['1s', '61s'], /from 2 to 60 seconds$/);
});

test('a size has a binary unit, or is a number of bytes', () => {
  accepts(bytes(), [
    ['64KiB', 65_536],
    ['1GiB', 1_073_741_824],
    ['1.5KiB', 1536],
    ['12B', 12],
    ['4096', 4096],
    [4096, 4096],
  ]);
  assert.equal(bytesOr('1MiB').parse(undefined), 1_048_576);
});

test('refuses any other size', () => {
  const wrong = [
    '',
    '0',
    '64KB',
    '64kib',
    '-1KiB',
    '1.0001KiB',
    '999999999GiB',
    '1toString',
    0,
    -1,
    1.5,
    true,
    null,
    [],
    {},
  ];
  refuses(bytes(), wrong, /^must be a size such as 64KiB or 1GiB(?:, not "64(?:KB|kib)": write 64KiB)?$/);
});

test('a count is a whole number, also as text, within its range', () => {
  accepts(count({ min: 0, max: 10 }), [
    [0, 0],
    [10, 10],
    ['7', 7],
    ['007', 7],
  ]);
  refuses(
    count({ min: 0, max: 10 }),
    [-1, 11, 2.5, '11', '2.5', '-1', '', '0x1', '1e1', 'many', true, null, []],
    /^must be a whole number from 0 to 10$/,
  );
});

test('a list is a list, or a text with commas', () => {
  accepts(list(), [
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    ['a, b,c', ['a', 'b', 'c']],
    ['a', ['a']],
  ]);
  refuses(list(), [1, {}, [1], null], /^must be a list of texts, such as \["one", "two"\] or one,two$/);
});

test('a listen address is an IPv4 address, a name, an IPv6 address in brackets or nothing (all), and a port', () => {
  accepts(listenAddress('127.0.0.1:8443'), [
    [undefined, { host: '127.0.0.1', port: 8443 }],
    ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
    ['[::1]:8443', { host: '::1', port: 8443 }],
    [':8443', { host: '0.0.0.0', port: 8443 }],
  ]);
  const wrong = [
    '',
    '8443',
    'localhost',
    'localhost:',
    '::1:8443',
    '[::1]',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.0.0.1:1 ',
    'https://localhost:1',
    'a b:1',
    '[localhost]:1',
  ];
  refuses(listenAddress(':1'), wrong, /^must be ADDRESS:PORT, such as 127\.0\.0\.1:8443$/);
});

test('every accepted address has a host and a valid port', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abz.:[]-/@ %') }), (text) => {
      const { data } = listenAddress(':1').safeParse(text);
      if (data) assert.ok(data.host.length > 0 && data.port >= 0 && data.port <= 65_535, text);
    }),
  );
});

test('the address of a listener is scheme, host and port', () => {
  accepts(httpOrigin(), [
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    ['https://API.example.com:443', 'https://api.example.com'],
  ]);
  const wrong = [
    '',
    'localhost:3000',
    '127.0.0.1:3000',
    'ftp://a',
    'file:///etc',
    'http://a/b',
    'http://a/?b',
    'http://a#b',
    'http://u@a',
    'http://u:p@a',
    'http://:p@a',
    'http://',
  ];
  refuses(
    httpOrigin(),
    wrong,
    /^must be the address of a listener, such as https:\/\/gateway\.example\.com:8443, without a path$/,
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestMessage, SignedMessage } from '../../src/index.ts';
import { component } from '../../src/index.ts';
import { componentValue } from '../../src/message-signatures/components.ts';

const request: RequestMessage = {
  method: 'POST',
  authority: 'WWW.Example.com:443',
  target: '/path?param=value',
  fields: [
    ...['Host', 'www.example.com'],
    ...['Cache-Control', 'max-age=60'],
    ...['Cache-Control', '   must-revalidate'],
    ...['X-OWS', '  Leading and trailing.   '],
    ...['X-Folded', 'Obsolete\r\n   line folding.'],
    ...['X-Empty', ''],
    ...['Example-Header', 'value, with, lots'],
    ...['Example-Header', 'of, commas'],
    ...['Priority', ' u=1,   i;x=1'],
    ...['X-Latin', 'caf\u00e9'],
  ],
  trailers: ['Expires', 'Wed, 9 Nov 2022 07:28:00 GMT'],
};

const value = (text: string, message: SignedMessage = request) => componentValue(component(text), message);

const values: readonly (readonly [text: string, section: string, expected: string])[] = [
  ['@method', '2.2.1', 'POST'],
  ['@target-uri', '2.2.2', 'https://www.example.com/path?param=value'],
  ['@authority', '2.2.3', 'www.example.com'],
  ['@scheme', '2.2.4', 'https'],
  ['@request-target', '2.2.5', '/path?param=value'],
  ['@path', '2.2.6', '/path'],
  ['@query', '2.2.7', '?param=value'],
  ['cache-control', '2.1', 'max-age=60, must-revalidate'],
  ['x-ows', '2.1', 'Leading and trailing.'],
  ['x-folded', '2.1', 'Obsolete line folding.'],
  ['x-empty', '2.1', ''],
  ['priority;sf', '2.1.1', 'u=1, i;x=1'],
  ['priority;key="i"', '2.1.2', '?1;x=1'],
  ['priority;key="u"', '2.1.2', '1'],
  ['example-header;bs', '2.1.3', ':dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:'],
  ['x-latin;bs', '2.1.3', ':Y2Fm6Q==:'],
  ['expires;tr', '2.1.4', 'Wed, 9 Nov 2022 07:28:00 GMT'],
];

for (const [text, section, expected] of values) {
  test(`finds the value of ${text} (RFC 9421 §${section})`, () => assert.equal(value(text), expected));
}

test('reads paths and queries in all forms of targets (RFC 9421 §2.2.5 to §2.2.7)', () => {
  const of = (target: string) => ['@path', '@query'].map((text) => value(text, { ...request, target }));
  assert.deepEqual(of('https://www.example.com'), ['/', '?']);
  assert.deepEqual(of('https://www.example.com?queryString'), ['/', '?queryString']);
  assert.deepEqual(of('HTTPS://www.example.com/a%2fb?'), ['/a%2fb', '?']);
  assert.deepEqual(of('*'), ['*', '?']);
});

test('encodes parameters of the query in one form (RFC 9421 §2.2.8)', () => {
  const target =
    '/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something';
  const of = (name: string) => value(`@query-param;name="${name}"`, { ...request, target });
  assert.equal(of('var'), 'this%20is%20a%20big%0Amultiline%20value');
  assert.equal(of('bar'), 'with%20plus%20whitespace');
  assert.equal(of('fa%C3%A7ade%22%3A%20'), 'something');
});

test('refuses a repeated parameter of the query, and a missing one (RFC 9421 §2.2.8)', () => {
  const of = (name: string) => value(`@query-param;name="${name}"`, { ...request, target: '/?a=1&a=2' });
  assert.throws(() => of('a'), { code: 'signature_malformed' });
  assert.throws(() => of('b'), { code: 'signature_invalid' });
});

test('reads a response, and the request that it answers (RFC 9421 §2.2.9, §2.4)', () => {
  const response = { status: 204, fields: ['Age', '1'], request };
  assert.equal(value('@status', response), '204');
  assert.equal(value('@method;req', response), 'POST');
  assert.equal(value('cache-control;req', response), 'max-age=60, must-revalidate');
});

test('refuses a component that the message cannot have', () => {
  const response = { status: 200, fields: [] };
  assert.throws(() => value('@status'), { code: 'signature_malformed' });
  assert.throws(() => value('@method', response), { code: 'signature_malformed' });
  assert.throws(() => value('@method;req'), { code: 'signature_malformed' });
  assert.throws(() => value('@method;req', response), { code: 'signature_malformed' });
  assert.throws(() => value('@unknown'), { code: 'signature_malformed' });
  assert.throws(() => value('x-absent'), { code: 'signature_invalid' });
  assert.throws(() => value('priority;key="absent"'), { code: 'signature_invalid' });
});

test('refuses values that are not ASCII, and unknown structures', () => {
  assert.throws(() => value('x-latin'), { code: 'signature_malformed' });
  assert.throws(() => value('x-ows;sf'), { code: 'signature_malformed' });
  assert.throws(() => value('x-ows;key="a"'), { code: 'signature_malformed' });
});

for (const text of [
  'Date',
  '@query-param',
  '@method;name="x"',
  '@method;sf',
  'a;bs;sf',
  'a;bs;key="k"',
  'a;sf=?0',
  'a;key',
  'a;x',
  '"',
  '',
]) {
  test(`refuses the identifier ${JSON.stringify(text)} (RFC 9421 §2)`, () => {
    assert.throws(() => component(text), TypeError);
  });
}

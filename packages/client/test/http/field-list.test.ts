// The header of a request behaves as the global Headers, for middleware of callers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { copyFields, FieldList, flatFields } from '../../src/http/field-list.ts';

const headersOf = (flat: string[]) => new FieldList(flat) as unknown as Headers;

test('every operation has the same result as on Headers', () => {
  const [own, other] = [headersOf([]), new Headers()];
  for (const headers of [own, other]) {
    headers.set('X-B', ' b ');
    headers.append('x-a', '1');
    headers.append('X-A', '2');
    headers.append('cookie', 'a=1');
    headers.append('cookie', 'b=2');
    headers.set('gone', '');
    headers.delete('GONE');
  }
  assert.deepEqual([...own], [...other]);
  assert.deepEqual([...own.keys(), ...own.values()], [...other.keys(), ...other.values()]);
  assert.deepEqual(
    [own.get('X-a'), own.has('x-B'), own.get('none'), own.has('gone')],
    ['1, 2', true, null, false],
  );
  const seen: string[] = [];
  own.forEach((value, name) => void seen.push(`${name}: ${value}`));
  assert.deepEqual(seen, ['cookie: a=1; b=2', 'x-a: 1, 2', 'x-b: b']);
});

test('it is accepted in place of Headers', () => {
  const own = headersOf(['x-b', 'b', 'x-a', 'a']);
  assert.ok(own instanceof Headers);
  assert.deepEqual([...new Headers(own)], [...own]);
  assert.equal(new Request('https://a.example/', { headers: own }).headers.get('x-a'), 'a');
  assert.equal(inspect(own), "{ 'x-a': 'a', 'x-b': 'b' }");
  assert.deepEqual(own.getSetCookie(), []);
});

test('a copy is another list', () => {
  const own = headersOf(['a', '1']);
  for (const copy of [copyFields(own), copyFields(new Headers({ a: '1' }))]) {
    copy.set('a', '2');
    assert.deepEqual(flatFields(copy), ['a', '2']);
  }
  assert.deepEqual(flatFields(own), ['a', '1']);
  assert.deepEqual(flatFields(new Headers({ b: '2' })), ['b', '2']);
});

test('refuses a line break and an invalid name, as Headers does (RFC 9110 §5.5)', () => {
  const own = headersOf([]);
  for (const [name, value] of [
    ['a', 'x\r\ny: z'],
    ['a', 'x\0'],
    ['a b', 'x'],
    ['', 'x'],
    ['a', '\u0100'],
  ] as const) {
    assert.throws(() => own.set(name, value), TypeError);
    assert.throws(() => new Headers().set(name, value), TypeError);
  }
});

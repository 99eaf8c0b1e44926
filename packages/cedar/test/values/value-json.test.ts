import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entityFromJson, fieldsFromJson, valueFromJson } from '../../src/index.ts';
import { isEqual } from '../../src/values/values.ts';

test('JSON has a value for each type', () => {
  assert.equal(valueFromJson(true), true);
  assert.equal(valueFromJson('text'), 'text');
  assert.equal(valueFromJson(-7), -7);
  assert.equal(valueFromJson(7n), 7);
  assert.equal(valueFromJson(2n ** 62n), 2n ** 62n);
  assert.deepEqual(
    valueFromJson({ __entity: { type: 'User', id: 'a' } }),
    entityFromJson({ type: 'User', id: 'a' }),
  );
  const ip = valueFromJson({ __extn: { fn: 'ip', arg: '10.0.0.0/8' } });
  assert.ok(isEqual(ip, valueFromJson({ __extn: { fn: 'ip', args: ['10.0.0.0/8'] } })));
  assert.ok(isEqual(valueFromJson([1, [2], 1]), valueFromJson([[2], 1])));
  assert.ok(isEqual(valueFromJson({ a: { b: [1] } }), valueFromJson({ a: { b: [1] } })));
});

test('accepts own members with any name, and no inherited ones', () => {
  const fields = fieldsFromJson(JSON.parse('{ "__proto__": 1, "constructor": 2 }') as object);
  assert.equal(fields.get('__proto__'), 1);
  assert.equal(fields.get('constructor'), 2);
  assert.equal(fields.get('toString'), undefined);
});

for (const [what, json] of [
  ['null', null],
  ['undefined', undefined],
  ['a fraction', 1.5],
  ['a number that JSON has rounded', 2 ** 53],
  ['NaN', Number.NaN],
  ['a member that is null', { a: null }],
  ['a function', () => 1],
  ['an entity without an id', { __entity: { type: 'User' } }],
  ['an entity that is null', { __entity: null }],
  ['an extension value without a function', { __extn: { arg: '1' } }],
  ['an extension value with a function that is not a string', { __extn: { fn: 1, arg: '1' } }],
  ['an extension value with arguments that are not a list', { __extn: { fn: 'ip', args: '1' } }],
  ['an unknown extension', { __extn: { fn: 'regex', arg: '1' } }],
  ['an extension value without an argument', { __extn: { fn: 'ip', args: [] } }],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(() => valueFromJson(json), { code: 'policy_invalid' });
  });
}

test('refuses numbers that do not fit into 64 bits, and malformed extension values', () => {
  assert.throws(() => valueFromJson(2n ** 63n), { name: 'EvaluationError' });
  assert.throws(() => valueFromJson({ __extn: { fn: 'ip', arg: '1.2.3' } }), { name: 'EvaluationError' });
});

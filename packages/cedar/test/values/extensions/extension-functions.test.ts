// Functions of the extensions, called with values from JSON.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callExtension, valueFromJson } from '../../../src/index.ts';
import { valueText } from '../../../src/values/value-text.ts';

const extension = (fn: string, ...args: unknown[]) => valueFromJson({ __extn: { fn, args } });
const ip = { __extn: { fn: 'ip', arg: '10.1.2.3' } };
const decimal = { __extn: { fn: 'decimal', arg: '1.0' } };

test('a function accepts only its number of arguments', () => {
  assert.equal(extension('isInRange', ip, { __extn: { fn: 'ip', arg: '10.0.0.0/8' } }), true);
  const [start, day] = [extension('datetime', '2026-11-30'), extension('duration', '1d')];
  assert.equal(valueText(callExtension('offset', [start, day])), 'datetime("2026-12-01T00:00:00.000Z")');
});

for (const [name, args, count] of [
  ['ip', ['10.0.0.0', '8'], 2],
  ['ip', [], 0],
  ['isInRange', [ip], 1],
  ['regex', ['a'], 1],
] as const) {
  test(`refuses ${name} with ${count} arguments`, () => {
    assert.throws(() => extension(name, ...args), {
      code: 'policy_invalid',
      message: `There is no function "${name}" with ${count} arguments in Cedar's extensions.`,
    });
  });
}

for (const [name, args, expected] of [
  ['ip', [1], 'a string'],
  ['isLoopback', ['10.1.2.3'], 'a value of the type ipaddr'],
  ['isInRange', [ip, decimal], 'a value of the type ipaddr'],
  ['lessThan', [decimal, ip], 'a value of the type decimal'],
  ['toDate', [ip], 'a value of the type datetime'],
  ['toDays', [true], 'a value of the type duration'],
] as const) {
  test(`an argument of ${name} that is not ${expected} gives an error that says so`, () => {
    assert.throws(() => extension(name, ...args), {
      name: 'EvaluationError',
      message: `A function was called with a value that is not ${expected}.`,
    });
  });
}

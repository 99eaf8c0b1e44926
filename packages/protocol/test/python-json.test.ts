import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../../fuzz/harness/any-text.ts';
import { formatPythonJson, type PythonJson } from '../src/index.ts';
import { runPython } from './support/python.ts';

const missingPython =
  spawnSync('python3', ['--version']).status === 0 ? false : 'needs python3 (apt-get install python3)';
const anyJson = fc.letrec<{ value: PythonJson }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    anyText,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      anyText.filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

test('puts one space after commas and colons, as json.dumps does', () => {
  assert.equal(
    formatPythonJson({ a: 1, b: [true, false, null, 'x'], c: {} }),
    '{"a": 1, "b": [true, false, null, "x"], "c": {}}',
  );
  assert.equal(formatPythonJson([]), '[]');
});

test('escapes everything outside printable ASCII, in lower-case hex (RFC 8259 §7)', () => {
  assert.equal(formatPythonJson('é👏\u007f\n"\\'), '"\\u00e9\\ud83d\\udc4f\\u007f\\n\\"\\\\"');
});

test('writes text that JSON.parse reads back (RFC 8259)', () => {
  fc.assert(
    fc.property(anyJson, (value) =>
      assert.deepEqual(JSON.parse(formatPythonJson(value)), JSON.parse(JSON.stringify(value))),
    ),
  );
});

test('refuses numbers that the two languages write differently', () => {
  for (const number of [0.5, 1e21, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => formatPythonJson(number), TypeError);
});

test('writes the same bytes as Python', { skip: missingPython }, () => {
  const values = fc.sample(anyJson, 200).map((value) => JSON.stringify(value));
  const script =
    'import json,sys\nprint(json.dumps([json.dumps(json.loads(t)) for t in json.load(sys.stdin)]))';
  assert.deepEqual(
    values.map((text) => formatPythonJson(JSON.parse(text))),
    runPython(script, values),
  );
});

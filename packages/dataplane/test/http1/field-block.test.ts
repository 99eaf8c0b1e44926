import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldBlock } from '../../src/http1/field-block.ts';
import { fieldLines } from '../../src/http1/writer.ts';

test('the lines of a block are the same as those of the writer', () => {
  const fields = ['A', '1', 'b', '', 'A', '\xff'];
  assert.equal(new FieldBlock(fields).lines, fieldLines(fields));
  assert.equal(new FieldBlock([]).lines, '');
});

test('Date is found in any case, and only among names', () => {
  assert.ok(new FieldBlock(['A', 'b', 'dAte', 'x']).hasDate);
  assert.ok(!new FieldBlock(['A', 'Date', 'Dates', 'x']).hasDate);
});

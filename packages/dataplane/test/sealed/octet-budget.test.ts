import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOctetBudget } from '../../src/sealed/octet-budget.ts';

test('a single party can take half, and returned octets can be taken again', () => {
  const budget = createOctetBudget(100);
  assert.equal(budget.take('one', 50), true);
  assert.equal(budget.take('one', 1), false);
  assert.equal(budget.take('other', 25), true);
  assert.equal(budget.take('other', 1), false);
  budget.release('one', 50);
  assert.equal(budget.take('other', 12), true);
});

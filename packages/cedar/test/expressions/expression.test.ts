// Every operator of Cedar's language, with operands of every type: our result is the expected one, and that
// of Cedar's own evaluator.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EXPRESSIONS } from '../support/expressions.ts';
import { cedarOutcome, conditionOf, ourOutcome } from '../support/outcomes.ts';

for (const [group, outcomes] of Object.entries(EXPRESSIONS)) {
  describe(group, () => {
    for (const [expected, expressions] of Object.entries(outcomes)) {
      for (const expression of expressions) {
        test(`${expression} is ${expected}`, () => {
          const policy = conditionOf(expression);
          assert.equal(cedarOutcome(policy), expected, 'Cedar itself');
          assert.equal(ourOutcome(policy), expected);
        });
      }
    }
  });
}

test('a condition with "unless" is met if its expression is false', () => {
  for (const [expression, outcome] of [
    ['true', 'true'],
    ['false', 'false'],
  ] as const) {
    const [when] = conditionOf(expression).conditions;
    assert.ok(when);
    const unless = { ...conditionOf(expression), conditions: [{ ...when, kind: 'unless' as const }] };
    const opposite = outcome === 'true' ? 'false' : 'true';
    assert.equal(ourOutcome(unless), opposite);
    assert.equal(cedarOutcome(unless), opposite);
  }
});

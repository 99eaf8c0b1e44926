import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldOctets } from '../../src/sealed/held-octets.ts';
import { createOctetBudget } from '../../src/sealed/octet-budget.ts';
import { WholeAnswer } from '../../src/sealed/sealed-answer.ts';

const outer = { answer() {}, write() {}, finish() {}, flush: () => true, cut() {} };

test('an unfinished answer releases its memory', () => {
  const budget = createOctetBudget(200);
  const answer = new WholeAnswer(outer, (response) => response, new HeldOctets(budget, 'party', 1000));
  answer.head(200, []);
  answer.content(new Uint8Array(100));
  assert.throws(() => answer.content(new Uint8Array(1)), { code: 'unavailable' });
  answer.close();
  assert.equal(budget.take('other', 100), true);
});

test('an answer holds no more octets than a message may have', () => {
  const answer = new WholeAnswer(
    outer,
    (response) => response,
    new HeldOctets(createOctetBudget(1e6), 'party', 10),
  );
  assert.throws(() => answer.content(new Uint8Array(11)), { code: 'content_too_large' });
});

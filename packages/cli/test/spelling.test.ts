import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alike, didYouMean, withHelp } from '../src/spelling.ts';

test('a misspelled word is similar to a name with the same first letter and most of its other letters', () => {
  const names = ['json', 'upstream', 'password-stdin', 'set'];
  assert.deepEqual(alike('jsno', names), ['json']);
  assert.deepEqual(alike('pasword', names), ['password-stdin']);
  assert.deepEqual(alike('sett', names), ['set']);
});

test('a word with few letters of a name, or with another first letter, is not similar', () => {
  assert.deepEqual(alike('port', ['upstream', 'set']), []);
  assert.deepEqual(alike('hlep', ['hash', 'hmac', 'user']), []);
});

test('a repeated letter counts only as often as both words have it', () => {
  assert.deepEqual(alike('aaaa', ['abcd']), []);
});

test('after a question, the hint is a separate sentence', () => {
  assert.equal(didYouMean([]), '');
  const question = `there is no option --jsno${didYouMean(['--json'])}`;
  assert.equal(withHelp(question), 'there is no option --jsno, did you mean --json? See --help');
  assert.equal(
    withHelp('there is no option -q', "'gatehouse --help'"),
    "there is no option -q; see 'gatehouse --help'",
  );
});

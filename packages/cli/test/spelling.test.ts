import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alike, didYouMean, withHelp } from '../src/spelling.ts';

test('a misspelled word is like a name that begins with its letter and has most of the others', () => {
  const names = ['json', 'upstream', 'password-stdin', 'set'];
  assert.deepEqual(alike('jsno', names), ['json']);
  assert.deepEqual(alike('pasword', names), ['password-stdin']);
  assert.deepEqual(alike('sett', names), ['set']);
});

test('a word with few letters of a name, or with another first letter, is not like it', () => {
  assert.deepEqual(alike('port', ['upstream', 'set']), []);
  assert.deepEqual(alike('hlep', ['hash', 'hmac', 'user']), []);
});

test('a letter counts as often as both words have it', () => {
  assert.deepEqual(alike('aaaa', ['abcd']), []);
});

test('a question is a sentence, and where to read on is the next', () => {
  assert.equal(didYouMean([]), '');
  const question = `there is no option --jsno${didYouMean(['--json'])}`;
  assert.equal(withHelp(question), 'there is no option --jsno, did you mean --json? See --help');
  assert.equal(
    withHelp('there is no option -q', "'gatehouse --help'"),
    "there is no option -q; see 'gatehouse --help'",
  );
});

// The quick run of mutants has the same result as the whole test runner.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { mutantsIn } from '../mutate/mutants.ts';
import { createQuickRun } from '../mutate/quick-run.ts';

const FILE = 'packages/cedar/src/values/string-text.ts';
const TESTS = ['packages/cedar/test/values/string-text.test.ts'];

test('a change that fails a test is killed, and the unchanged source is not', async () => {
  using run = createQuickRun([TESTS]);
  assert.equal(await run.isKilled(undefined), false);
  const [first] = mutantsIn(FILE, readFileSync(FILE, 'utf8'));
  assert.ok(first);
  const broken = { ...first, source: 'export const isName = () => false; export const stringText = String;' };
  assert.equal(await run.isKilled(broken), true);
  assert.equal(await run.isKilled(undefined), false, 'the change is gone');
  assert.equal(await run.isKilled({ ...first, source: 'while (true) process.exit(7);' }), true);
  assert.equal(await run.isKilled(undefined), false, 'the process was replaced');
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const PRELOADED = new URL('../test-process.mjs', import.meta.url).href;

/** Runs a test file like `npm test`. */
function runFile(t: TestContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-process-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'one.test.mjs');
  writeFileSync(file, text);
  const env = { ...process.env, NODE_TEST_CONTEXT: '' };
  return spawnSync(process.execPath, [`--import=${PRELOADED}`, file], { encoding: 'utf8', env });
}

/** Runs one test with this body. */
function runTest(t: TestContext, body: string) {
  const text = `import { executionAsyncId } from 'node:async_hooks';
import { test } from 'node:test';
test('one', async () => {
  ${body}
  await new Promise((resolve) => setTimeout(resolve, 1));
});
`;
  return runFile(t, text);
}

test('an error that no test awaits fails the process, and is printed with its place', (t) => {
  const bodies = ["setTimeout(() => { throw new Error('lost'); }, 0);", "Promise.reject(new Error('lost'));"];
  for (const body of bodies) {
    const { status, stderr } = runTest(t, body);
    assert.equal(status, 1);
    assert.match(stderr, /Error: lost\n.*one\.test\.mjs:4:/);
  }
});

test('the test runner does not follow promises', (t) => {
  const { status, stdout } = runTest(t, "await null; console.log('followed as', executionAsyncId());");
  assert.equal(status, 0);
  assert.match(stdout, /followed as 0/);
});

test('tests and hooks belong to their suite', (t) => {
  const text = `import { after, before, describe, it } from 'node:test';
await null;
after(() => console.log('said: end of the file'));
describe('outer', { concurrency: true }, () => {
  before(() => console.log('said: begin outer'));
  after(() => console.log('said: end outer'));
  it('slow', async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log('said: slow');
  });
  describe('inner', () => {
    after(() => console.log('said: end inner'));
    it('fast', () => console.log('said: fast'));
  });
});
`;
  const { status, stdout } = runFile(t, text);
  assert.equal(status, 0);
  const said = [...stdout.matchAll(/^said: (.*)$/gm)].map(([, words]) => words);
  assert.deepEqual(said, ['begin outer', 'fast', 'end inner', 'slow', 'end outer', 'end of the file']);
});

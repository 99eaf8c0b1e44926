import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { groupTests, LONGEST, writeProgram } from '../test-files.ts';

const NAMES = ['packages/x509/test/names/a.test.ts', 'packages/x509/test/names/more/b.test.ts'];
const NOTES = 'packages/samples/test/notes.test.ts';
const TLS = 'conformance/tls.test.ts';

test('the files of one area of a package share a process, and each other file has its own', () => {
  assert.deepEqual(
    groupTests([NOTES, ...NAMES.toReversed(), TLS], () => ''),
    [
      { name: TLS, files: [TLS] },
      { name: NOTES, files: [NOTES] },
      { name: 'packages/x509/test/names', files: NAMES },
    ],
  );
});

test('a file that replaces something for its process has a process of its own', () => {
  const [one = '', other = ''] = NAMES;
  for (const text of ["t.mock.timers.enable({ apis: ['Date'] });", 'process.chdir(folder);']) {
    const groups = groupTests(NAMES, (file) => (file === one ? text : ''));
    assert.deepEqual(groups.map(({ files }) => files).sort(), [[one], [other]]);
  }
});

test('the longest start first', () => {
  const [longest = ''] = LONGEST;
  assert.deepEqual(groupTests([TLS, longest], () => '')[0], { name: longest, files: [longest] });
  assert.deepEqual(
    LONGEST.filter((name) => !existsSync(name)),
    [],
  );
});

test('a process runs the tests of all its files, also after one that cannot be loaded, and fails for it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-groups-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const files = ['throws', 'passes'].map((name) => join(folder, `${name}.test.mjs`));
  const [throws = '', passes = ''] = files;
  writeFileSync(throws, "throw new Error('broken file');\n");
  writeFileSync(passes, "import { test } from 'node:test';\ntest('well', () => {});\n");
  const program = writeProgram({ name: 'some/area', files }, folder);
  const environment = { ...process.env, NODE_TEST_CONTEXT: '' };
  const { status, stdout } = spawnSync(process.execPath, ['--test-reporter=tap', program], {
    encoding: 'utf8',
    env: environment,
  });
  assert.equal(status, 1);
  assert.match(stdout, /broken file/);
  assert.match(stdout, /^ +ok 1 - well$/m);
});

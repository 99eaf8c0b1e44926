import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { groupTests, LONGEST, writeProgram } from '../test-files.ts';

const NAMES = ['packages/x509/test/names/a.test.ts', 'packages/x509/test/names/more/b.test.ts'];
const KEYS = ['packages/x509/test/keys/c.test.ts', 'packages/x509/test/keys/more/d.test.ts'];
const SAMPLES = ['packages/samples/test/files.test.ts', 'packages/samples/test/notes.test.ts'];
const TLS = 'conformance/system/tls.test.ts';

test('the files of a package share a process, and the files of a long area have another one', () => {
  assert.deepEqual(
    groupTests([...SAMPLES, ...NAMES.toReversed(), ...KEYS], () => ''),
    [
      { name: 'packages/x509/test/keys', files: KEYS },
      { name: 'packages/samples/test', files: SAMPLES },
      { name: 'packages/x509/test', files: NAMES },
    ],
  );
});

test('tests from outside share a process by the first digit of their standard or their first letter', () => {
  const [one, other] = ['conformance/rfc1110.test.ts', 'conformance/rfc1449.test.ts'] as const;
  const [first, second] = ['conformance/z-one.test.ts', 'conformance/z-two.test.ts'] as const;
  assert.deepEqual(
    groupTests([other, second, 'conformance/rfc2705.test.ts', first, one], () => ''),
    [
      { name: 'conformance/rfc1', files: [one, other] },
      { name: 'conformance/rfc2', files: ['conformance/rfc2705.test.ts'] },
      { name: 'conformance/z', files: [first, second] },
    ],
  );
});

test('a file that replaces something for its process, or measures it, has a separate process', () => {
  const [one = '', other = ''] = NAMES;
  const replacing = ["t.mock.timers.enable({ apis: ['Date'] });", 'process.chdir(folder);'];
  for (const text of [...replacing, 'process.memoryUsage().rss']) {
    const groups = groupTests(NAMES, (file) => (file === one ? text : ''));
    assert.deepEqual(groups.map(({ files }) => files).sort(), [[one], [other]]);
  }
});

test('the longest start first, each file in a separate process', () => {
  const [longest = ''] = LONGEST;
  assert.deepEqual(groupTests([TLS, longest, 'conformance/dns.test.ts'], () => '')[0], {
    name: longest,
    files: [longest],
  });
  assert.deepEqual(
    LONGEST.filter((name) => globSync(`${name}*`).length === 0),
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

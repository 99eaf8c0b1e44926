// Runs the tests, or those of the given files and folders: `npm test -- packages/x509`. With `--no-skips` a
// skipped test fails the run. At the end, prints the processes that took longest. Without names, leaves out
// the tests of the whole system: `npm run test:system` runs these.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { programFile } from '../packages/cli/bin/clone.mjs';
import { FLAGS } from '../packages/cli/bin/runtime.mjs';
import { groupTests, writeProgram } from './test-files.ts';
import { temporaryFolder } from './test-folder.ts';

const TESTS = ['packages/*/test/**/*.test.ts', 'conformance/**/*.test.ts', 'tools/test/**/*.test.ts'];
/**
 * Tests of the program in separate processes, and with other programs. They take longer than all other tests
 * together, so they have a separate command.
 */
const SYSTEM = 'conformance/system/';
/** More than the two processors need, because tests often wait for programs that they started. */
const AT_ONCE = 4;
const SLOWEST = 10;

const wanted = process.argv.slice(2).filter((argument) => argument !== '--no-skips');
const mayNotSkip = process.argv.includes('--no-skips');
const files = globSync(TESTS).filter((file) =>
  wanted.length === 0 ? !file.startsWith(SYSTEM) : wanted.some((prefix) => file.startsWith(prefix)),
);
if (files.length === 0) {
  console.error(`no test file begins with ${wanted.join(' or ')}`);
  process.exit(2);
}

programFile(); // Builds the program for the tests from outside, once for all processes.

// For all files of the tests.
process.env.TMPDIR = temporaryFolder();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tests-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const groups = new Map(
  groupTests(files, (file) => readFileSync(file, 'utf8')).map((group) => [
    writeProgram(group, folder),
    group.name,
  ]),
);
const seconds = new Map<string, number>();

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stopped.abort());

const tests = run({
  files: [...groups.keys()],
  signal: stopped.signal,
  concurrency: AT_ONCE,
  execArgv: [...FLAGS, '--test-timeout=120000', `--import=${new URL('test-process.mjs', import.meta.url)}`],
});
tests.on('test:summary', ({ file, success, counts, duration_ms }) => {
  if (file !== undefined) {
    seconds.set(groups.get(file) ?? file, duration_ms / 1000);
    return;
  }
  process.exitCode = success && !(mayNotSkip && counts.skipped > 0) ? 0 : 1;
});
const report = tests.compose(new spec());
report.pipe(process.stdout);
report.on('end', () => {
  const slowest = [...seconds].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
  for (const [name, took] of slowest) console.log(`${took.toFixed(1).padStart(7)} s  ${name}`);
  if (wanted.length === 0) console.log('Run "npm run test:system" for the tests that start other programs.');
});

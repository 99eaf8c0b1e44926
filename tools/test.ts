// Runs the whole test suite, or the given files and folders: `npm test -- packages/x509`. With `--no-skips` a
// skipped test fails the run.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';

const TESTS = ['packages/*/test/**/*.test.ts', 'conformance/**/*.test.ts', 'tools/test/**/*.test.ts'];

const wanted = process.argv.slice(2).filter((argument) => argument !== '--no-skips');
const mayNotSkip = process.argv.includes('--no-skips');
const files = globSync(TESTS)
  .filter((file) => wanted.length === 0 || wanted.some((prefix) => file.startsWith(prefix)))
  .sort();
if (files.length === 0) {
  console.error(`no test file begins with ${wanted.join(' or ')}`);
  process.exit(2);
}

const child = spawn(
  process.execPath,
  [
    '--disable-warning=ExperimentalWarning',
    '--expose-gc',
    '--test',
    // More than two processors' worth: tests often wait for programs that they started.
    '--test-concurrency=3',
    '--test-timeout=120000',
    ...files,
  ],
  { stdio: ['inherit', 'pipe', 'inherit'] },
);
let summary = '';
child.stdout.on('data', (chunk: Buffer) => {
  process.stdout.write(chunk);
  // The counts are at the end, before the list of failures.
  summary += chunk.toString();
});
child.on('close', (code) => {
  const skipped = Number(/^. skipped (\d+)$/m.exec(summary)?.[1] ?? 0);
  if (mayNotSkip && skipped > 0) console.error(`${skipped} tests were skipped, and none may be`);
  process.exit(mayNotSkip && skipped > 0 ? 1 : (code ?? 1));
});

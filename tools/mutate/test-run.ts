// Runs test files in one process, with one source file replaced.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { MutantAt } from './mutants.ts';

const LOADER = fileURLToPath(new URL('./replace-source.ts', import.meta.url));
/** A change can make a loop endless. This counts as detected, too. */
const TIMEOUT_MS = 120_000;

/** Whether a test fails. Without a mutant, the sources are unchanged. */
export type TestRun = (mutant: MutantAt | undefined) => Promise<boolean>;

export function createTestRun(tests: readonly string[], folder: string): TestRun {
  const replaced = join(folder, 'replaced.json');
  return async (mutant) => {
    const replacement = mutant && { url: pathToFileURL(resolve(mutant.file)).href, source: mutant.source };
    writeFileSync(replaced, JSON.stringify(replacement ?? {}));
    const options = ['--disable-warning=ExperimentalWarning', '--expose-gc', '--import', LOADER];
    const child = spawn(process.execPath, [...options, '--test', '--test-isolation=none', ...tests], {
      env: { ...process.env, GATEHOUSE_REPLACED: replaced },
      stdio: 'ignore',
      timeout: TIMEOUT_MS,
    });
    const [status] = (await once(child, 'exit')) as [number | null];
    return status !== 0;
  };
}

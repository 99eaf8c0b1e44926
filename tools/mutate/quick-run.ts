// Tests mutants in one process for all: ten times as fast as a process for each. An endless loop ends the
// process, and counts as detected.
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { MutantAt } from './mutants.ts';
import type { MutantOrder } from './quick-process.ts';
import type { TestRun } from './test-run.ts';

const PROGRAM = fileURLToPath(new URL('./quick-process.ts', import.meta.url));
const OPTIONS = ['--disable-warning=ExperimentalWarning', '--expose-gc'];
/** After this much processor time, a run counts as an endless loop, also on a busy machine. */
const TIMEOUT_MS = 60_000;
/** Each mutant leaves its modules in memory. */
const MUTANTS_PER_PROCESS = 100;

export interface QuickRun extends Disposable {
  isKilled: TestRun;
}

/** `groups` of files run one after the other. */
export function createQuickRun(groups: readonly (readonly string[])[]): QuickRun {
  let child: ChildProcess | undefined;
  let used = 0;

  function end(): void {
    child?.kill('SIGKILL');
    child = undefined;
    used = 0;
  }

  function ask(order: MutantOrder): Promise<boolean> {
    if (used >= MUTANTS_PER_PROCESS) end();
    child ??= fork(PROGRAM, { execArgv: OPTIONS });
    used += 1;
    const asked = child;
    const { promise, resolve: answer } = Promise.withResolvers<boolean>();
    const late = setTimeout(() => {
      end();
      answer(true);
    }, TIMEOUT_MS);
    const exited = () => {
      if (child === asked) child = undefined;
      answer(true);
    };
    asked.once('exit', exited);
    asked.once('message', ({ fails }: { fails: boolean }) => answer(fails));
    asked.send(order);
    return promise.finally(() => {
      clearTimeout(late);
      asked.off('exit', exited);
    });
  }

  return {
    async isKilled(mutant) {
      for (const tests of groups) if (await ask(orderOf(mutant, tests))) return true;
      return false;
    },
    [Symbol.dispose]: end,
  };
}

function orderOf(mutant: MutantAt | undefined, files: readonly string[]): MutantOrder {
  const tests = files.map((file) => pathToFileURL(resolve(file)).href);
  if (!mutant) return { tests };
  return { tests, replaced: { url: pathToFileURL(resolve(mutant.file)).href, source: mutant.source } };
}

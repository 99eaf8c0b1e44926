// Runs one task of Cedar's library in a thread. The thread has three reasons: its memory is free after the
// task, a policy with too many levels breaks the library permanently, and a thread can be stopped.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ErrorCode } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { keepMachineCode } from './cedar-machine-code.ts';
import type { CedarOrder, CedarTasks } from './cedar-tasks.ts';

/** How a task ended. */
export type CedarOutcome =
  | { output: CedarTasks[keyof CedarTasks]['output'] }
  | { refused: { code: ErrorCode; detail: string } };

export interface ThreadLimits {
  seconds: number;
  memoryMegabytes: number;
}

const LIMITS: ThreadLimits = { seconds: 60, memoryMegabytes: 1024 };

/** Throws `policy_invalid` if the task throws it, if it takes too long, or if Cedar's parser fails. */
export async function inCedarThread<Name extends keyof CedarTasks>(
  task: Name,
  input: CedarTasks[Name]['input'],
  limits: ThreadLimits = LIMITS,
): Promise<CedarTasks[Name]['output']> {
  await keepMachineCode();
  const outcome = await outcomeOf({ task, input } as CedarOrder, limits);
  if ('refused' in outcome) throw new GatehouseError(outcome.refused.code, outcome.refused.detail);
  return outcome.output as CedarTasks[Name]['output'];
}

function outcomeOf(order: CedarOrder, { seconds, memoryMegabytes }: ThreadLimits): Promise<CedarOutcome> {
  const thread = new Worker(fileURLToPath(import.meta.resolve('#cedar-worker')), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
  });
  const { promise, resolve, reject } = Promise.withResolvers<CedarOutcome>();
  const late = setTimeout(() => {
    reject(tooMuch(`Reading the policies took longer than ${seconds} seconds.`));
    void thread.terminate();
  }, seconds * 1000);
  thread.once('message', resolve);
  thread.once('error', (error: Error) =>
    reject(isExhausted(error) ? tooMuch('Cedar’s parser failed on the policies.', error) : error),
  );
  thread.once('exit', () => {
    clearTimeout(late);
    // This has no effect after a message or an error.
    reject(tooMuch('Cedar’s parser ended without an answer.'));
  });
  return promise;
}

/** A trap of WebAssembly, or no memory left. Any other error is our bug. */
function isExhausted({ name, ...error }: Error & { code?: string }): boolean {
  return name === 'RuntimeError' || name === 'RangeError' || error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooMuch(what: string, cause?: unknown): GatehouseError {
  const detail = `${what} Split long policies into several, or compare with sets and groups.`;
  return new GatehouseError('policy_invalid', detail, cause === undefined ? {} : { cause });
}

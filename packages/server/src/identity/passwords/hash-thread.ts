// One thread that computes Argon2id. It runs at a lower priority than all other threads, so that a flood of
// sign-ins uses only idle processor time.
import { argon2Sync } from 'node:crypto';
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { HashAnswer, HashParameters } from './hash-threads.ts';

// A tenth of the weight of other threads. So even on a busy machine, a hash takes at most some seconds.
const NICER_BY = 10;
const NICEST = 19;

// Linux has a priority for each thread, and 0 means the calling one (setpriority(2)). Other systems would
// change the whole process.
if (process.platform === 'linux') setPriority(0, Math.min(getPriority(0) + NICER_BY, NICEST));

parentPort?.on('message', (parameters: HashParameters) => parentPort?.postMessage(answerTo(parameters)));

function answerTo(parameters: HashParameters): HashAnswer {
  try {
    return { tag: argon2Sync('argon2id', parameters) };
  } catch (error) {
    return { error };
  }
}

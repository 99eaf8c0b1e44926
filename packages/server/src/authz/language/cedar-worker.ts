// The thread that runs Cedar's library. It does one task and ends.
import { parentPort, workerData } from 'node:worker_threads';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { GatehouseError } from '@gatehouse/access';
import type { CedarOrder } from './cedar-tasks.ts';
import { runTask } from './cedar-tasks.ts';
import type { CedarOutcome } from './cedar-thread.ts';

parentPort?.postMessage(outcomeOf(workerData as CedarOrder));

function outcomeOf(order: CedarOrder): CedarOutcome {
  try {
    return { output: runTask(cedar, order) };
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    return { refused: { code: error.code, detail: error.message } };
  }
}

// In the place of hash-thread.ts: the same function, with little memory and one pass.
import { argon2Sync } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type {
  HashAnswer,
  HashParameters,
} from '../../packages/server/src/identity/passwords/hash-threads.ts';

parentPort?.on('message', (parameters: HashParameters) => {
  const answer: HashAnswer = { tag: argon2Sync('argon2id', { ...parameters, memory: 8, passes: 1 }) };
  parentPort?.postMessage(answer);
});

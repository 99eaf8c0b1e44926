// Argon2id of node:crypto, but counted.
import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { Argon2id, HashParameters } from '../../src/identity/passwords/hash-threads.ts';

export interface CountedArgon2id {
  argon2id: Argon2id;
  /** The parameters of every run so far, without message and salt. */
  runs: Omit<HashParameters, 'message' | 'nonce'>[];
  /** The largest number of runs at the same time. */
  concurrency: { now: number; most: number };
}

export function countedArgon2id(): CountedArgon2id {
  const runs: CountedArgon2id['runs'] = [];
  const concurrency = { now: 0, most: 0 };
  return {
    runs,
    concurrency,
    async argon2id(parameters) {
      const { memory, passes, parallelism, tagLength } = parameters;
      runs.push({ memory, passes, parallelism, tagLength });
      concurrency.now += 1;
      concurrency.most = Math.max(concurrency.most, concurrency.now);
      try {
        return await promisify(argon2)('argon2id', parameters);
      } finally {
        concurrency.now -= 1;
      }
    },
  };
}

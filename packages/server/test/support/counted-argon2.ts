// Argon2 of node:crypto, but counted. Import this before anything that hashes: it replaces the built-in
// function.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** The parameters of every run so far, without message and salt. */
export const runs: {
  algorithm: string;
  memory: number;
  passes: number;
  parallelism: number;
  tagLength: number;
}[] = [];

/** The largest number of runs at the same time. */
export const concurrency = { now: 0, most: 0 };

const { argon2 } = crypto;
type Argon2 = typeof argon2;

const counted: Argon2 = (algorithm, parameters, callback) => {
  const { memory, passes, parallelism, tagLength } = parameters;
  runs.push({ algorithm, memory, passes, parallelism, tagLength });
  concurrency.now += 1;
  concurrency.most = Math.max(concurrency.most, concurrency.now);
  argon2(algorithm, parameters, (error, tag) => {
    concurrency.now -= 1;
    callback(error, tag);
  });
};
crypto.argon2 = counted;
syncBuiltinESMExports();

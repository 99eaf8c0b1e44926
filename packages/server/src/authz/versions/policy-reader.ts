// Reads policies, one set at a time for each purpose. Each reading takes a thread, memory, and up to a
// minute. So many questions must not fill the memory, or delay the act of applying policies.
import { GatehouseError } from '@gatehouse/access';
import { createLimiter } from '../../platform/limits/limiter.ts';
import type { PolicyFile, ReadPolicies, SchemaFacts } from '../language/index.ts';
import { readPolicies } from '../language/index.ts';

/** `ask`: to answer a question. `apply`: to put them in force. `fit`: they are in force. */
export type ReadingPurpose = 'ask' | 'apply' | 'fit';

/**
 * Throws `policy_invalid` only if the files are too much for Cedar's parser, and `too_many_requests` if too
 * many requests wait.
 */
export type PolicyReader = (
  purpose: ReadingPurpose,
  files: readonly PolicyFile[],
  facts: SchemaFacts,
) => Promise<ReadPolicies>;

const LIMITS = { atOnce: 3, atOnceOfOne: 1, waiting: 300, waitingOfOne: 100 };

/**
 * @example
 * const read = createPolicyReader();
 * const { policies, findings } = await read('apply', files, facts);
 */
export function createPolicyReader(read: typeof readPolicies = readPolicies): PolicyReader {
  const limiter = createLimiter(LIMITS, busy);
  return (purpose, files, facts) => limiter.run(purpose, () => read(files, facts));
}

function busy(): GatehouseError {
  return new GatehouseError(
    'too_many_requests',
    `${LIMITS.waitingOfOne} requests to read policies already wait: try again in a minute.`,
    { retryAfterSeconds: 60 },
  );
}

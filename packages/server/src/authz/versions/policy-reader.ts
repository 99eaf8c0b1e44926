// Reads policies for one purpose at a time. Each reading takes a thread, memory, and up to a minute, so many
// questions must neither fill the memory nor delay someone who applies policies.
import { GatehouseError } from '@gatehouse/access';
import { createLimiter } from '../../platform/limits/limiter.ts';
import type { PolicyFile, ReadPolicies, SchemaFacts } from '../language/index.ts';
import { readPolicies } from '../language/index.ts';

/** `ask`: nothing changes. `apply`: they may come into force. `fit`: they are in force. */
export type ReadingPurpose = 'ask' | 'apply' | 'fit';

/** Throws `policy_invalid` only if the files overtax Cedar's parser, `too_many_requests` if too many wait. */
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

// Our authorizer for Cedar policies beside Cedar's own, with random policies, entities and requests.
import type { FuzzTarget } from '../harness/target.ts';
import { createAuthzReaders } from './authz/readers.ts';

export function createTarget(): FuzzTarget {
  return {
    readers: createAuthzReaders(),
    corpus: [Uint8Array.of(1)],
    mutate: (_input, random) => random.octets(4),
  };
}

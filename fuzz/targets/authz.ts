// Our authorizer for Cedar policies beside Cedar's own, with random policies, templates, entities and
// requests. Each input is the seed of three worlds: one in which types fit, one in which many do not, and a
// gateway that remembers decisions while everything changes.
import type { FuzzTarget } from '../harness/target.ts';
import { createAuthzReaders } from './authz/readers.ts';
import { REQUESTS } from './authz/world.ts';

const SEED_OCTETS = 4;

export function createTarget(): FuzzTarget {
  const readers = createAuthzReaders();
  return {
    readers,
    corpus: [Uint8Array.of(1)],
    mutate: (_input, random) => random.octets(SEED_OCTETS),
    generate: (random) => random.octets(SEED_OCTETS),
    each: [readers.length * REQUESTS, 'decisions'],
  };
}

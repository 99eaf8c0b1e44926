// `kill -9` under mixed writes: the next start has every acknowledged write, and the gateway, the revocation
// list, OCSP and ACME agree with the tables. `npm run soak -- kills` does it 200 times.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runKills } from '../soak/kills/rounds.ts';

const ROUNDS = 3;
/** Seven starts are slow on a busy machine. */
const PATIENCE = { timeout: 300_000 };

const TITLE =
  'acts as its tables say, and loses nothing acknowledged, when kill -9 ends it under mixed writes';

it(TITLE, PATIENCE, async (t) => {
  const seed = Date.now() % 1_000_000;
  const { differences } = await runKills({ rounds: ROUNDS, seed, say: (line) => t.diagnostic(line) });
  assert.deepEqual(differences, [], `seed ${seed}`);
});

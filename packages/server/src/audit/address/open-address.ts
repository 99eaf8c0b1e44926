// Opens the witness at an address: from the settings to the running follower.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@gatehouse/access';
import { z } from 'zod';
import type { Events } from '../../platform/feed/events.ts';
import type { LedgerHead } from '../../platform/ledger/ledger-head.ts';
import type { Log } from '../../platform/log/log.ts';
import type { Metric } from '../../platform/metric.ts';
import type { Database } from '../../platform/store/database.ts';
import { readSystemRoots } from '../../platform/tls/system-roots.ts';
import { witnessContradicted } from '../events.ts';
import type { WitnessAddressSettings } from '../settings.ts';
import type { HeadSigner } from '../signed-head.ts';
import type { AuditStore } from '../store.ts';
import type { WitnessPlace } from '../witnesses.ts';
import { contradiction } from '../witnesses.ts';
import type { AskedAddress } from './address-place.ts';
import { askAddress } from './address-place.ts';
import type { Follower, FollowerDeps, FollowerPauses, Found } from './follower.ts';
import { createFollower } from './follower.ts';
import { createWitnessAddress } from './witness-address.ts';

export const witnessAddressSchema = z.object({
  url: z.string(),
  entries: z.int().nullable().describe('The last entry that is certainly stored there'),
  problem: z.string().nullable().describe('Why the last attempt to write it failed'),
});

export type WitnessAddressView = z.output<typeof witnessAddressSchema>;

export interface OpenedAddress {
  /** Undefined if the address did not answer. */
  place: WitnessPlace | undefined;
  follower: Follower;
  metrics: readonly Metric[];
  view(): WitnessAddressView;
}

export interface OpenAddressDeps {
  store: AuditStore;
  headKey: Uint8Array;
  database: Pick<Database, 'write'>;
  events: Events;
  clock: Clock;
  log: Log;
  sign: HeadSigner;
  /** For tests. */
  addressPauses?: FollowerPauses | undefined;
}

/** Undefined without the setting. Throws `witness_unreachable` if the address is required. */
export async function openAddress(
  deps: OpenAddressDeps,
  settings: WitnessAddressSettings | undefined,
): Promise<OpenedAddress | undefined> {
  const { url, tokenFile, trust, required } = settings ?? {};
  if (url === undefined) return undefined;
  const { store, log, database, events, sign, addressPauses } = deps;
  const address = createWitnessAddress({ url, tokenFile, roots: rootsOf(trust, log), sign });
  // The ledger may be emptied while the server runs, but its first entry never changes.
  const ledger = async () => (await store.hashOf(1)) ?? null;
  const asked = await askAddress({ address, log, ledger }, required === true);
  const follower = createFollower(
    {
      address,
      log,
      ledger,
      ...createComparison(deps, url, asked),
      report: (reason, found) =>
        database.write((tx) => events.publish(tx, witnessContradicted(url, reason, headOf(found)))),
    },
    addressPauses,
  );
  const view = () => ({ url, entries: follower.entries() ?? null, problem: follower.problem() ?? null });
  return { place: asked.place, follower, metrics: [entriesMetric(follower)], view };
}

function rootsOf(trust: string | undefined, log: Log): () => string {
  let system: string | undefined;
  return () => {
    // Read for each request, so that a replaced file needs no restart.
    if (trust !== undefined) return readFileSync(trust, 'utf8');
    system ??= readSystemRoots(log);
    return system;
  };
}

/**
 * The heads that the follower may replace: those that the start accepted, and those that the ledger contains.
 */
function createComparison(
  { store, headKey, database, clock }: OpenAddressDeps,
  url: string,
  asked: AskedAddress,
): Pick<FollowerDeps, 'contradiction' | 'wrote'> {
  let accepted = asked.place && { found: asked.found };
  let isCompared = asked.place !== undefined;
  let isKnown = false;
  return {
    async contradiction(found) {
      if (accepted && isDeepStrictEqual(found, accepted.found)) return undefined;
      const isExpected = !isCompared && (await store.witnesses()).has(url);
      return contradiction({ store, headKey }, found, isExpected);
    },
    async wrote() {
      accepted = undefined;
      isCompared = true;
      isKnown ||= (await store.witnesses()).has(url);
      if (!isKnown) await database.write((tx) => store.addWitness(tx, url, clock.now()));
      isKnown = true;
    },
  };
}

function entriesMetric({ entries }: Follower): Metric {
  return {
    name: 'gatehouse_ledger_witness_head',
    help: 'The number of the last ledger entry that is certainly at audit.witnessAddress.',
    kind: 'gauge',
    read: () => [{ value: entries() ?? 0 }],
  };
}

function headOf(found: Found): LedgerHead | null {
  return found === undefined || found === 'unreadable' ? null : { seq: found.seq, hash: found.hash };
}

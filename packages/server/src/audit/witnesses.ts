// Compares the ledger with its witnesses at the start (docs/wire/ledger.md). An older copy of the database
// would admit keys and certificates again that were revoked since, so a server refuses to start on one until
// the operator says that this is intended (`gatehouse up --accept-rollback`).
import { GatehouseError } from '@gatehouse/access';
import type { LedgerHead } from '../platform/ledger-head.ts';
import { EMPTY_LEDGER } from '../platform/ledger-head.ts';
import type { Witness } from '../platform/witness.ts';
import { readWitness } from '../platform/witness.ts';
import { isGenuine } from './chain.ts';
import type { AuditStore, HeadRow } from './store.ts';

/** Where a witness is, and how the database names it. */
export interface WitnessPlace {
  /** A folder that moves takes its own witness along, so that one has no path in the database. */
  name: string;
  path: string;
}

/** Why the database may be an older copy. */
export interface Doubt {
  path: string;
  /** A clause about the ledger. */
  reason: string;
  witness: LedgerHead | null;
}

export interface Findings {
  head: LedgerHead;
  doubts: readonly Doubt[];
  /** A backup was restored, and no server has started since. */
  restored: Witness['restored'];
  /** Their files do not exist yet. */
  missing: readonly WitnessPlace[];
  /** The database does not know them yet. */
  unknown: readonly WitnessPlace[];
}

export interface WitnessDeps {
  store: AuditStore;
  headKey: Uint8Array;
}

/** Reads every witness. The first place is that of the data folder. */
export async function examine(
  { store, headKey }: WitnessDeps,
  places: readonly WitnessPlace[],
): Promise<Findings> {
  const row = await store.head();
  const head = row ? { seq: row.seq, hash: row.hash } : EMPTY_LEDGER;
  const known = await store.witnesses();
  const read = places.map((place) => ({ ...place, witness: readWitness(place.path) }));
  const restored = restoredFrom(read[0]?.witness, head);
  const doubts: Doubt[] = [];
  for (const { name, path, witness } of read) {
    // A backup is restored where the other files are lost, or are those of another machine.
    const isExpected = known.has(name) && restored === undefined;
    const reason = await reasonFor(witness, { store, row, head, headKey, isExpected });
    if (reason !== undefined) doubts.push({ path, reason, witness: headOf(witness) });
  }
  return {
    head,
    doubts,
    restored,
    missing: read.filter(({ witness }) => witness === undefined),
    unknown: places.filter(({ name }) => !known.has(name)),
  };
}

interface Situation {
  store: AuditStore;
  row: HeadRow | undefined;
  head: LedgerHead;
  headKey: Uint8Array;
  /** Whether the database says that there is such a file. */
  isExpected: boolean;
}

async function reasonFor(
  witness: Witness | 'unreadable' | undefined,
  { store, row, head, headKey, isExpected }: Situation,
): Promise<string | undefined> {
  if (witness === undefined) return isExpected ? 'the witness of the ledger is missing' : undefined;
  if (witness === 'unreadable') return 'the witness of the ledger cannot be read';
  if (head.seq < witness.seq)
    return head.seq === 0
      ? `the ledger is empty, but its witness has entry ${witness.seq}`
      : `the ledger ends at entry ${head.seq}, but its witness has entry ${witness.seq}`;
  // A ledger whose head is not genuine was altered. That is reported, but it is no older copy.
  if (witness.seq === 0 || !row || !isGenuine(row, headKey)) return undefined;
  const hash = await store.hashOf(witness.seq);
  return hash === undefined || hash === witness.hash
    ? undefined
    : `the witness of the ledger has another entry ${witness.seq}`;
}

function restoredFrom(witness: Witness | 'unreadable' | undefined, head: LedgerHead): Witness['restored'] {
  if (witness === undefined || witness === 'unreadable') return undefined;
  return witness.seq === head.seq && witness.hash === head.hash ? witness.restored : undefined;
}

function headOf(witness: Witness | 'unreadable' | undefined): LedgerHead | null {
  if (witness === undefined || witness === 'unreadable') return null;
  return { seq: witness.seq, hash: witness.hash };
}

/** Throws `ledger_rolled_back`, with the first doubt. */
export function refuseRollback([doubt]: readonly Doubt[], folder: string): void {
  if (doubt === undefined) return;
  throw new GatehouseError(
    'ledger_rolled_back',
    `The database in ${folder} may be an older copy: ${doubt.reason} (${doubt.path}). In an older ` +
      'copy, keys that were revoked later are valid again. Put back all current files, or restore your newest backup ' +
      "with 'gatehouse restore'. To go on with this copy, start once with 'gatehouse up --accept-rollback': " +
      'the ledger records it.',
  );
}

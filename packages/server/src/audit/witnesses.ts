// Compares the ledger with its witnesses at the start (docs/wire/ledger.md). An older copy of the database
// would accept keys and certificates again that were revoked since. So a server does not start on an older
// copy, unless the operator accepts it (`gatehouse up --accept-rollback`).
import { GatehouseError } from '@gatehouse/access';
import type { LedgerHead } from '../platform/ledger/ledger-head.ts';
import { EMPTY_LEDGER } from '../platform/ledger/ledger-head.ts';
import type { Witness } from '../platform/ledger/witness.ts';
import { isGenuine } from './chain.ts';
import type { AuditStore, HeadRow } from './store.ts';

/** The content of a witness. A file has no `ledger`, and an address has no `restored`. */
export interface WitnessedHead extends LedgerHead {
  /** The hash of entry 1, which names the ledger. */
  ledger?: string | null;
  restored?: Witness['restored'];
}

/** `unreadable`: it exists, but it is no head. */
export type Reading = WitnessedHead | 'unreadable' | undefined;

/** The place of a witness, and its name in the database. */
export interface WitnessPlace {
  /** A folder that moves takes its witness along, so the database has no path for this witness. */
  name: string;
  /** A path, or a URL. */
  path: string;
  read(): Reading;
  /** Writes the first head there, and returns whether this succeeded. Throws if the start must fail. */
  make(head: LedgerHead): Promise<boolean>;
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
  /** Witnesses that do not exist yet. */
  missing: readonly WitnessPlace[];
  /** Witnesses that the database does not know yet. */
  unknown: readonly WitnessPlace[];
}

export interface WitnessDeps {
  store: AuditStore;
  headKey: Uint8Array;
}

/** Reads every witness. The first place is the data folder. */
export async function examine(deps: WitnessDeps, places: readonly WitnessPlace[]): Promise<Findings> {
  const { store } = deps;
  const head = headOf(await store.head()) ?? EMPTY_LEDGER;
  const known = await store.witnesses();
  const read = places.map((place) => ({ place, found: place.read() }));
  const restored = restoredFrom(read[0]?.found, head);
  const doubts: Doubt[] = [];
  for (const { place, found } of read) {
    // After a restore, the other files may be lost, or may be from another machine.
    const isExpected = known.has(place.name) && restored === undefined;
    const reason = await contradiction(deps, found, isExpected);
    if (reason !== undefined) doubts.push({ path: place.path, reason, witness: headOf(found) ?? null });
  }
  return {
    head,
    doubts,
    restored,
    missing: read.filter(({ found }) => found === undefined).map(({ place }) => place),
    unknown: places.filter(({ name }) => !known.has(name)),
  };
}

/**
 * Why a witness contradicts the ledger; undefined if it does not. `isExpected`: the database says that this
 * witness exists.
 */
export async function contradiction(
  { store, headKey }: WitnessDeps,
  witness: Reading,
  isExpected: boolean,
): Promise<string | undefined> {
  if (witness === undefined) return isExpected ? 'the witness of the ledger is missing' : undefined;
  if (witness === 'unreadable') return 'the witness of the ledger cannot be read';
  const row = await store.head();
  const seq = row?.seq ?? 0;
  if (await isForeign(store, witness)) return 'its witness has the head of another ledger';
  if (seq < witness.seq)
    return seq === 0
      ? `the ledger is empty, but its witness has entry ${witness.seq}`
      : `the ledger ends at entry ${seq}, but its witness has entry ${witness.seq}`;
  // If the head is not genuine, the ledger was altered. The server reports that, but the database is no older
  // copy.
  if (witness.seq === 0 || !row || !isGenuine(row, headKey)) return undefined;
  const hash = await store.hashOf(witness.seq);
  return hash === undefined || hash === witness.hash
    ? undefined
    : `the witness of the ledger has another entry ${witness.seq}`;
}

async function isForeign(store: AuditStore, { ledger = null }: WitnessedHead): Promise<boolean> {
  if (ledger === null) return false;
  const own = await store.hashOf(1);
  return own !== undefined && own !== ledger;
}

function restoredFrom(witness: Reading, head: LedgerHead): Witness['restored'] {
  if (witness === undefined || witness === 'unreadable') return undefined;
  return witness.seq === head.seq && witness.hash === head.hash ? witness.restored : undefined;
}

function headOf(witness: Reading | HeadRow): LedgerHead | undefined {
  if (witness === undefined || witness === 'unreadable') return undefined;
  return { seq: witness.seq, hash: witness.hash };
}

/** Throws `ledger_rolled_back`, with the first doubt. */
export function refuseRollback([doubt]: readonly Doubt[], folder: string): void {
  if (doubt === undefined) return;
  throw new GatehouseError(
    'ledger_rolled_back',
    `The database in ${folder} may be an older copy: ${doubt.reason} (${doubt.path}). In an older ` +
      'copy, keys that were revoked later are valid again. Put back all current files, or restore your newest backup ' +
      "with 'gatehouse restore'. To continue with this copy, start once with 'gatehouse up --accept-rollback': " +
      'the ledger records it.',
  );
}

// Opens the witnesses of the ledger at the start: refuses an older copy of the database, makes files that do
// not exist yet, and records a restored backup and an accepted rollback.
import { existsSync } from 'node:fs';
import type { Clock } from '@gatehouse/access';
import { GatehouseError, isDiskFull } from '@gatehouse/access';
import type { DataFolder } from '../platform/data-folder.ts';
import type { Database } from '../platform/database.ts';
import type { DomainEvent, Events } from '../platform/events.ts';
import type { LedgerHead } from '../platform/ledger-head.ts';
import type { Log } from '../platform/log.ts';
import { WITNESS_FILE, writeWitness } from '../platform/witness.ts';
import { notWritable } from '../platform/writable-place.ts';
import { backupRestored, rollbackAccepted } from './events.ts';
import type { AuditStore } from './store.ts';
import type { Findings, WitnessPlace } from './witnesses.ts';
import { examine, refuseRollback } from './witnesses.ts';

export interface OpenWitnessesDeps {
  store: AuditStore;
  headKey: Uint8Array;
  database: Database;
  events: Events;
  clock: Clock;
  folder: Pick<DataFolder, 'path'>;
  log: Pick<Log, 'event'>;
  /** Whether the operator accepts an older copy of the database. */
  acceptRollback: boolean;
}

/**
 * Throws `ledger_rolled_back`, or `config_invalid` when a file cannot be made. Call the function that it
 * returns when the journal is there, and only then change the files.
 */
export async function openWitnesses(
  deps: OpenWitnessesDeps,
  places: readonly WitnessPlace[],
): Promise<() => Promise<void>> {
  const { acceptRollback, folder, log } = deps;
  const findings = await examine(deps, places);
  if (!acceptRollback) refuseRollback(findings.doubts, folder.path);
  else if (findings.doubts.length === 0) log.event('ledger.rollback_not_needed');
  // Before the database says that these files exist: a process may end at any time.
  for (const place of findings.missing) await makeFile(place, findings.head);
  return () => record(deps, findings);
}

/** On a full disk a server starts without the file of the data folder. It is written with the next entry. */
async function makeFile({ name, path }: WitnessPlace, head: LedgerHead): Promise<void> {
  try {
    await writeWitness(path, head);
  } catch (error) {
    if (name === WITNESS_FILE && isDiskFull(error)) return;
    if (name !== WITNESS_FILE) throw notWritable(path, 'audit.witness', error);
    throw new GatehouseError(
      'data_folder_unusable',
      `The witness of the ledger ${path} cannot be written (${(error as Error).message}): give this user access to the data folder.`,
      { cause: error },
    );
  }
}

async function record(deps: OpenWitnessesDeps, findings: Findings): Promise<void> {
  const { database, events, store, clock } = deps;
  const { head, doubts, restored } = findings;
  // A file that could not be made must not be missed at the next start.
  const unknown = findings.unknown.filter(({ path }) => existsSync(path));
  const happened: DomainEvent[] = [];
  if (restored) happened.push(backupRestored(head, restored));
  if (doubts.length > 0) happened.push(rollbackAccepted(head, doubts));
  if (happened.length === 0 && unknown.length === 0) return;
  await database.write(async (tx) => {
    for (const { name } of unknown) await store.addWitness(tx, name, clock.now());
    for (const event of happened) await events.publish(tx, event);
  });
  if (unknown.length > 0) await store.checkpoint();
}

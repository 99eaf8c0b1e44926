// Opens the witnesses of the ledger at the start: refuses an older copy of the database, creates missing
// witnesses, and records a restored backup and an accepted rollback.
import type { Clock } from '@gatehouse/access';
import type { DataFolder } from '../platform/data-folder/data-folder.ts';
import type { DomainEvent, Events } from '../platform/feed/events.ts';
import type { Log } from '../platform/log/log.ts';
import type { Database } from '../platform/store/database.ts';
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
 * Throws `ledger_rolled_back`, or the reason why a witness cannot be created. Call the returned function when
 * the journal exists, and change the files only after that.
 */
export async function openWitnesses(
  deps: OpenWitnessesDeps,
  places: readonly WitnessPlace[],
): Promise<() => Promise<void>> {
  const { acceptRollback, folder, log } = deps;
  const findings = await examine(deps, places);
  if (!acceptRollback) refuseRollback(findings.doubts, folder.path);
  else if (findings.doubts.length === 0) log.event('ledger.rollback_not_needed');
  // This comes before the database says that these witnesses exist, because a process may end at any time.
  const absent = new Set<WitnessPlace>();
  for (const place of findings.missing) if (!(await place.make(findings.head))) absent.add(place);
  // The next start must not require a witness that could not be created.
  const unknown = findings.unknown.filter((place) => !absent.has(place));
  return () => record(deps, { ...findings, unknown });
}

async function record(deps: OpenWitnessesDeps, findings: Findings): Promise<void> {
  const { database, events, store, clock } = deps;
  const { head, doubts, restored, unknown } = findings;
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

// The ledger. Every event that a capability publishes becomes a hash-chained row in the transaction of its
// act. The sequence numbers of the rows give projections and workers the order of all changes. A start checks
// the chain and compares it with the witnesses outside the database.
import { join, resolve } from 'node:path';
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { Database } from '../platform/database.ts';
import type { KeyStore } from '../platform/key-store.ts';
import { EMPTY_LEDGER } from '../platform/ledger-head.ts';
import type { WitnessWriter } from '../platform/witness.ts';
import { createWitnessWriter, WITNESS_FILE } from '../platform/witness.ts';
import { requireWritable } from '../platform/writable-place.ts';
import { alterationFound } from './events.ts';
import { createJournal } from './journal.ts';
import { createLedgerMetrics } from './metrics.ts';
import { openWitnesses } from './open-witnesses.ts';
import { auditRoutes } from './routes.ts';
import type { LedgerProblem } from './self-check.ts';
import { createSelfCheck } from './self-check.ts';
import { auditMigrations, createAuditStore } from './store.ts';

export type { AuditEntry, AuditVerification } from './routes.ts';

const auditSettings = z
  .strictObject({
    witness: z
      .string()
      .min(1, 'must be a file')
      .optional()
      .describe(
        'A second file with the head of the ledger, best on another disk: it shows that the whole data folder is an older copy',
      ),
  })
  .prefault({});

/** What a start would refuse about them. Each throws `config_invalid`. */
export function auditChecks(
  { witness }: z.output<typeof auditSettings>,
  dataFolder: string,
): (() => unknown)[] {
  if (witness === undefined) return [];
  const path = resolve(dataFolder, witness);
  return [
    () => refuseOwnWitness(path, dataFolder),
    () => requireWritable(path, { setting: 'audit.witness', dataFolder }),
  ];
}

/** Each file would be the witness of the other. */
function refuseOwnWitness(path: string, dataFolder: string): void {
  if (path !== join(dataFolder, WITNESS_FILE)) return;
  throw new GatehouseError(
    'config_invalid',
    `Setting audit.witness is not valid: ${path} is the witness that every data folder has: name a file elsewhere.`,
  );
}

export interface AuditDeps {
  database: Database;
  clock: Clock;
  /** 32 bytes, for the MAC over the head. */
  headKey: Uint8Array;
  /** Follows the head. */
  witness?: WitnessWriter;
}

export type AuditOpenDeps = Pick<
  CapabilityDeps,
  'database' | 'clock' | 'events' | 'folder' | 'log' | 'acceptRollback'
> &
  AuditDeps;

export interface Audit extends Required<Pick<Capability, 'routes' | 'projections' | 'metrics'>> {
  /** The first entry that did not fit when the server started, if there was one. */
  problem(): LedgerProblem | undefined;
  start?(): Promise<void>;
  close?(): Promise<void>;
}

export const auditCapability: CapabilityKind<'audit', typeof auditSettings, CapabilityDeps, Audit> = {
  name: 'audit',
  migrations: auditMigrations,
  settings: auditSettings,
  create: async (deps, settings) => openAudit({ ...deps, headKey: await headKeyIn(deps.keyStore) }, settings),
};

/** A stored secret: it stays the same when the master key, from which it was first derived, is replaced. */
function headKeyIn(keyStore: KeyStore): Promise<Uint8Array> {
  return keyStore.loadOrCreate('audit/head-key', () => keyStore.derive('audit-head'));
}

/** The journal and its routes, without a look at what the ledger has already. */
export function createAudit({
  database,
  clock,
  headKey,
  witness,
}: AuditDeps): Pick<Audit, 'routes' | 'projections' | 'metrics'> {
  const store = createAuditStore(database);
  database.recordIn(createJournal({ clock, store, headKey, witness }));
  const { projection, metrics } = createLedgerMetrics(database);
  return { routes: auditRoutes(store, headKey), projections: [projection], metrics };
}

/** Opens the ledger of a server that starts. Throws `ledger_rolled_back`, `config_invalid`. */
export async function openAudit(
  deps: AuditOpenDeps,
  settings: { witness?: string | undefined },
): Promise<Audit> {
  const { database, clock, events, folder, headKey, log } = deps;
  const store = createAuditStore(database);
  const places = [{ name: WITNESS_FILE, path: folder.file(WITNESS_FILE) }];
  if (settings.witness !== undefined) {
    const path = resolve(folder.path, settings.witness);
    places.push({ name: path, path });
  }
  const paths = places.map(({ path }) => path);
  const witness = createWitnessWriter(paths, log);
  const record = await openWitnesses({ ...deps, store }, places);
  const journal = createAudit({ database, clock, headKey, witness });
  await record();
  witness.moved((await store.head()) ?? EMPTY_LEDGER);
  await witness.flush();
  const check = createSelfCheck({
    store,
    headKey,
    log,
    found: (problem) => database.write((tx) => events.publish(tx, alterationFound(problem))),
  });
  await check.tail();
  return {
    ...journal,
    problem: check.problem,
    start: async () => void check.rest(),
    close: check.stop,
  };
}

// The ledger. Every event that a capability publishes becomes a hash-chained row in the transaction of its
// act. The sequence numbers of the rows give projections and workers the order of all changes. A start checks
// the chain and compares it with the witnesses outside the database.
import { resolve } from 'node:path';
import type { Clock } from '@gatehouse/access';
import type { SigningKeys } from '../keyring/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { KeyStore } from '../platform/keys/key-store.ts';
import { EMPTY_LEDGER } from '../platform/ledger/ledger-head.ts';
import type { WitnessWriter } from '../platform/ledger/witness.ts';
import { createWitnessWriter } from '../platform/ledger/witness.ts';
import type { Database } from '../platform/store/database.ts';
import type { FollowerPauses } from './address/follower.ts';
import type { WitnessAddressView } from './address/open-address.ts';
import { openAddress } from './address/open-address.ts';
import { alterationFound } from './events.ts';
import { createJournal } from './journal.ts';
import { alteredMetric, createLedgerMetrics } from './metrics.ts';
import { openWitnesses } from './open-witnesses.ts';
import { auditRoutes } from './routes.ts';
import type { LedgerProblem } from './self-check.ts';
import { createSelfCheck } from './self-check.ts';
import type { WitnessAddressSettings } from './settings.ts';
import { auditSettings } from './settings.ts';
import type { HeadSigner } from './signed-head.ts';
import { signHead } from './signed-head.ts';
import { auditMigrations, createAuditStore } from './store.ts';
import { ownWitness, secondWitness } from './witness-files.ts';

export { witnessAddressSchema } from './address/open-address.ts';
export type { AuditEntry, AuditVerification } from './routes.ts';
export { auditChecks } from './settings.ts';

export interface AuditDeps {
  database: Database;
  clock: Clock;
  /** 32 bytes, for the MAC over the head. */
  headKey: Uint8Array;
  /** Follows the head. */
  witness?: WitnessWriter;
  sign?: HeadSigner;
}

export interface OpenSettings {
  witness?: string | undefined;
  witnessAddress?: WitnessAddressSettings | undefined;
}

export type AuditOpenDeps = Pick<
  CapabilityDeps,
  'database' | 'clock' | 'events' | 'folder' | 'log' | 'acceptRollback'
> &
  AuditDeps & {
    /** For tests. */
    addressPauses?: FollowerPauses;
  };

export interface Audit extends Required<Pick<Capability, 'routes' | 'projections' | 'metrics'>> {
  /** The first entry that did not match when the server started, if there was one. */
  problem(): LedgerProblem | undefined;
  /** The state of `audit.witnessAddress`; null if it is not set. */
  witnessAddress(): WitnessAddressView | null;
  /** Signs all heads from now on. */
  signWith(keys: Pick<SigningKeys, 'current'>, clock: Clock): void;
  start?(): Promise<void>;
  close?(): Promise<void>;
}

export const auditCapability: CapabilityKind<'audit', typeof auditSettings, CapabilityDeps, Audit> = {
  name: 'audit',
  migrations: auditMigrations,
  settings: auditSettings,
  create: async (deps, settings) => openAudit({ ...deps, headKey: await headKeyIn(deps.keyStore) }, settings),
};

/**
 * The secret was derived from the first master key. It is stored, so it stays the same when the master key is
 * replaced.
 */
function headKeyIn(keyStore: KeyStore): Promise<Uint8Array> {
  return keyStore.loadOrCreate('audit/head-key', () => keyStore.derive('audit-head'));
}

/** The journal and its routes, without a check of the existing ledger. */
export function createAudit({
  database,
  clock,
  headKey,
  witness,
  sign = () => undefined,
}: AuditDeps): Pick<Audit, 'routes' | 'projections' | 'metrics'> {
  const store = createAuditStore(database);
  database.recordIn(createJournal({ clock, store, headKey, witness }));
  const { projection, metrics } = createLedgerMetrics(database, store);
  return { routes: auditRoutes(store, { headKey, sign }), projections: [projection], metrics };
}

/**
 * Opens the ledger of a server that starts. Throws `ledger_rolled_back`, `config_invalid`,
 * `witness_unreachable`.
 */
export async function openAudit(deps: AuditOpenDeps, settings: OpenSettings): Promise<Audit> {
  const { database, clock, events, folder, headKey, log } = deps;
  const store = createAuditStore(database);
  const places = [ownWitness(folder)];
  if (settings.witness !== undefined) places.push(secondWitness(resolve(folder.path, settings.witness)));
  const files = createWitnessWriter(
    places.map(({ path }) => path),
    log,
  );
  let signer: HeadSigner = () => undefined;
  const sign: HeadSigner = (head) => signer(head);
  const remote = await openAddress({ ...deps, store, sign }, settings.witnessAddress);
  if (remote?.place) places.push(remote.place);
  const record = await openWitnesses({ ...deps, store }, places);
  const witness = together(remote ? [files, remote.follower] : [files]);
  const journal = createAudit({ database, clock, headKey, witness, sign });
  await record();
  witness.moved((await store.head()) ?? EMPTY_LEDGER);
  await files.flush();
  const check = createSelfCheck({
    store,
    headKey,
    log,
    found: (problem) => database.write((tx) => events.publish(tx, alterationFound(problem))),
  });
  await check.tail();
  return {
    ...journal,
    metrics: [
      ...journal.metrics,
      alteredMetric(() => check.problem() !== undefined),
      ...(remote?.metrics ?? []),
    ],
    problem: check.problem,
    witnessAddress: () => remote?.view() ?? null,
    signWith(keys, { now }) {
      signer = (head) => signHead(keys.current, head, now());
    },
    start: async () => void check.rest(),
    close: check.stop,
  };
}

function together(writers: readonly WitnessWriter[]): WitnessWriter {
  return {
    moved(head) {
      for (const writer of writers) writer.moved(head);
    },
    flush: async () => void (await Promise.all(writers.map((writer) => writer.flush()))),
  };
}

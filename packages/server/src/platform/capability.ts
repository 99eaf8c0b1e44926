// The interface of all capabilities. A capability has a kind: data about it, and a function that creates it.
// The created capability has its offers to the server. The server treats all alike: it creates them in order,
// lets their copies in memory follow the feed, and closes them in reverse order.
import type { Clock, StepUpRequirement } from '@gatehouse/access';
import type { z } from 'zod';
import type { DataFolder } from './data-folder/data-folder.ts';
import type { Events } from './feed/events.ts';
import type { Feed, Projection, Section } from './feed/feed.ts';
import type { Route } from './http/route.ts';
import type { Job } from './jobs/jobs.ts';
import type { KeyStore } from './keys/key-store.ts';
import type { KnownRoles } from './known-roles.ts';
import type { RefusalCounter } from './ledger/refusal-counter.ts';
import type { RepeatedEvents } from './ledger/repeated-events.ts';
import type { Log } from './log/log.ts';
import type { Metric } from './metric.ts';
import type { ClaimStore } from './short-lived/claims.ts';
import type { Database } from './store/database.ts';
import type { Migration } from './store/migrations.ts';

/** The offers of a capability. All members are optional. */
export interface Capability {
  /** Routes of the control listener and the Unix socket. */
  readonly routes?: readonly Route[];
  /** Routes over plain HTTP, on the listener of the public PKI. */
  readonly publicRoutes?: readonly Route[];
  readonly jobs?: readonly Job[];
  /** Its metrics, for /metrics. */
  readonly metrics?: readonly Metric[];
  /**
   * Copies in memory of parts of the store. They are built in this order, because later ones may read earlier
   * ones.
   */
  readonly projections?: readonly Projection[];
  /** Sections for the gateway's workers, by any name. They are built after the projections. */
  readonly sections?: Readonly<Record<string, Section>>;
  /** Called when the projections and the sections are built, before the listeners are open. */
  open?(): Promise<void>;
  /** Called when the listeners are open. */
  start?(): Promise<void>;
  /** Called when the listeners are closed. */
  close?(): Promise<void>;
}

/** The dependencies of every capability. */
export interface CapabilityDeps {
  clock: Clock;
  log: Log;
  folder: DataFolder;
  database: Database;
  keyStore: KeyStore;
  events: Events;
  feed: Feed;
  refusals: RefusalCounter;
  /** Rules that name roles add them. */
  roles: KnownRoles;
  repeated: RepeatedEvents;
  /** The public URLs of the listeners, without a slash at the end. */
  urls: { gateway: string; control: string; pki: string };
  /** How people must have signed in for the admin API. Default: in any way. */
  adminRequirement: StepUpRequirement | undefined;
  /** The port of the control listener. */
  controlPort: number;
  /** The port of the gateway. */
  gatewayPort: number;
  /** Names of the gateway's listener that another authority certifies. */
  listenerNames: readonly string[];
  /** Whether the operator accepts that the database is an older copy (`--accept-rollback`). */
  acceptRollback: boolean;
  /** The environment, for secrets whose variable a setting names. */
  environment: NodeJS.ProcessEnv;
  /** Records the values that are accepted only once. */
  claims: Pick<ClaimStore, 'run' | 'isInDoubt'>;
}

export interface CapabilityKind<
  Name extends string,
  Settings extends z.ZodType,
  Needs extends CapabilityDeps,
  Face extends Capability,
> {
  /** The name of its folder, and of its block of the configuration. */
  name: Name;
  /** Applied in this order. Names never change. */
  migrations: readonly Migration[];
  /** Its block of the configuration. */
  settings: Settings;
  /** Creates the capability. `deps` has the capabilities before it, each under its name. */
  create(deps: Needs, settings: z.output<Settings>): Promise<Face> | Face;
}

// The parameters of a method may be narrower, so every kind has this type.
export type AnyKind = CapabilityKind<string, z.ZodType, never, Capability>;

type Named<Kind extends AnyKind> = { [Name in Kind['name']]: Awaited<ReturnType<Kind['create']>> };

type Created<Kinds extends readonly AnyKind[]> = {
  [Kind in Kinds[number] as Kind['name']]: Awaited<ReturnType<Kind['create']>>;
};

/** The blocks of the configuration, each under the name of its capability. */
export type BlocksOf<Kinds extends readonly AnyKind[]> = {
  [Kind in Kinds[number] as Kind['name']]: Kind['settings'];
};

type SettingsOf<Kinds extends readonly AnyKind[]> = {
  [Kind in Kinds[number] as Kind['name']]: z.output<Kind['settings']>;
};

/**
 * The list itself, if each kind gets its dependencies from the kinds before it. Otherwise it contains an
 * error text with the name of the kind that does not get them.
 */
type InOrder<Kinds extends readonly AnyKind[], Known = CapabilityDeps> = Kinds extends readonly [
  infer Kind extends AnyKind,
  ...infer Rest extends readonly AnyKind[],
]
  ? Known extends Parameters<Kind['create']>[0]
    ? readonly [Kind, ...InOrder<Rest, Known & Named<Kind>>]
    : readonly [`${Kind['name']} needs a capability that comes later in the list`]
  : readonly [];

export interface CapabilityList<Kinds extends readonly AnyKind[]> {
  migrations: Migration[];
  settings: BlocksOf<Kinds>;
  /** Creates the capabilities in order. `stack` closes them, the last one first. */
  open(
    deps: CapabilityDeps,
    settings: SettingsOf<Kinds>,
    stack: AsyncDisposableStack,
  ): Promise<Created<Kinds>>;
}

/** The capabilities that a list opens, each under its name. */
export type CapabilitiesOf<List extends { open(...deps: never): Promise<unknown> }> = Awaited<
  ReturnType<List['open']>
>;

/**
 * Lists kinds in the order of their dependencies. A kind that needs a later one does not compile.
 *
 * @example
 * const list = listCapabilities(audit, identity, ca);
 * const capabilities = await list.open(deps, config, stack);
 */
export function listCapabilities<const Kinds extends readonly AnyKind[]>(
  ...kinds: Kinds & InOrder<Kinds>
): CapabilityList<Kinds> {
  const all: readonly AnyKind[] = kinds;
  return {
    migrations: all.flatMap(({ migrations }) => migrations),
    settings: Object.fromEntries(all.map(({ name, settings }) => [name, settings])) as BlocksOf<Kinds>,
    async open(deps, settings, stack) {
      const opened: Record<string, Capability> = {};
      for (const { name, create } of all) {
        const known = { ...deps, ...opened } as never;
        const capability = await create(known, settings[name as keyof typeof settings] as never);
        stack.defer(() => capability.close?.());
        await follow(capability, deps.feed);
        opened[name] = capability;
      }
      return opened as Created<Kinds>;
    },
  };
}

/** Lets the copies in memory of a capability follow the feed, then opens it. */
export async function follow(capability: Capability, feed: Feed): Promise<void> {
  for (const projection of capability.projections ?? []) await feed.project(projection);
  for (const section of Object.values(capability.sections ?? {})) await feed.addSection(section);
  await capability.open?.();
}

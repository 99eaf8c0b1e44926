// The change feed. Every commit reaches everything in memory, in the order of the ledger's sequence numbers,
// before its act is answered. A projection is built from one state of the store and then advanced by
// committed events. A section is a projection whose differences also go to the gateway's workers.
import type { SectionChange } from '@gatehouse/access';
import type { Log } from '../log/log.ts';
import type { Connection, Database, Follower } from '../store/database.ts';
import type { CommittedEvent } from './events.ts';

/** A copy in memory of a part of the store. */
export interface Projection {
  /** For the log. */
  readonly name: string;
  /**
   * Reads everything again. `connection` shows one state of the store, even if more is committed meanwhile.
   */
  build(connection: Connection): Promise<void>;
  /**
   * Applies committed events, in their order. The rows that it reads may be newer than the events. The later
   * events then come again. It must not write, because acts wait for it. If it throws, it is built again.
   */
  advance(events: readonly CommittedEvent[]): Promise<void> | void;
}

/**
 * A keyed map for the gateway's workers. The values are plain data, because they are sent to other threads
 * and processes.
 */
export interface Section<V = unknown> extends Projection {
  readonly entries: ReadonlyMap<string, V>;
  /** The version of the last change. */
  readonly version: number;
  /** The difference since the last call; undefined if there is none. */
  takeChange(seq: number): SectionChange | undefined;
}

/** Receives the changes of the sections. */
export interface Subscription {
  /** Receives the changes of one commit together. Resolves when all its receivers act on them. */
  apply(changes: readonly SectionChange[]): Promise<void>;
}

export interface Feed {
  /** The sequence number that every projection has reached. */
  readonly seq: number;
  readonly sections: readonly Section[];
  /** Builds a projection and lets it follow the feed, after the projections that were added before. */
  project(projection: Projection): Promise<void>;
  /** Like `project`, for a section. */
  addSection(section: Section): Promise<void>;
  /**
   * Changes a section directly, if its values are in no table. For example, the key of our own listeners is
   * never written to disk. Resolves when every subscription acts on the change.
   */
  alter(change: () => void): Promise<void>;
  /**
   * Builds a projection again after it became wrong without a commit. Resolves when every subscription acts
   * on the change.
   */
  rebuild(projection: Projection): Promise<void>;
  /** From now on, `subscription` gets every change. */
  subscribe(subscription: Subscription): void;
}

export interface FeedDeps {
  database: Database;
  log: Pick<Log, 'event'>;
}

interface Following {
  projection: Projection;
  /** The sequence number of its state. */
  seq: number;
  /**
   * Whether building it failed. Until it is built, events cannot advance it, because it lacks earlier ones.
   */
  isBroken: boolean;
}

export function createFeed({ database, log }: FeedDeps): Feed {
  const following: Following[] = [];
  const sections: Section[] = [];
  const subscriptions: Subscription[] = [];
  let reached = 0;
  /** Building, advancing and altering never run at the same time. */
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = turn.then(act);
    turn = result.catch(() => {});
    return result;
  }

  async function build(projection: Projection): Promise<number> {
    return database.snapshot(async (connection) => {
      await projection.build(connection);
      return database.lastSeq(connection);
    });
  }

  async function buildAgain(each: Following): Promise<void> {
    each.isBroken = true;
    each.seq = await build(each.projection);
    each.isBroken = false;
  }

  /** Returns a promise only if there is something to wait for: most events touch few projections. */
  function advance(each: Following, events: readonly CommittedEvent[]): Promise<void> | undefined {
    if (each.isBroken) return buildAgain(each);
    const newer = newerThan(each.seq, events);
    const last = newer.at(-1);
    if (!last) return undefined;
    const arrived = () => {
      each.seq = last.seq;
    };
    const failed = (error: unknown) => {
      log.event('store.projection_rebuilt', { error, projection: each.projection.name });
      return buildAgain(each);
    };
    try {
      const advancing = each.projection.advance(newer);
      if (advancing) return advancing.then(arrived, failed);
      arrived();
      return undefined;
    } catch (error) {
      return failed(error);
    }
  }

  /** Advances every projection, even if one fails. Returns the errors of those that failed. */
  async function advanceAll(events: readonly CommittedEvent[]): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const each of following) {
      const advancing = advance(each, events);
      if (advancing) await advancing.catch((error: unknown) => errors.push(error));
    }
    return errors;
  }

  /**
   * Passes the changes to every subscription. They arrive in order, and the next commit does not wait for
   * them.
   */
  function deliver(): Promise<unknown> {
    const changes = sections.flatMap((section) => section.takeChange(reached) ?? []);
    if (changes.length === 0) return Promise.resolve();
    return Promise.all(subscriptions.map((subscription) => subscription.apply(changes)));
  }

  const follower: Follower = {
    async committed(events) {
      const { delivered, errors } = await inTurn(async () => {
        const errors = await advanceAll(events);
        reached = Math.max(reached, events.at(-1)?.seq ?? 0);
        return { delivered: deliver(), errors };
      });
      await delivered;
      if (errors.length > 0) throw errors[0];
    },
  };
  database.followWith(follower);

  function project(projection: Projection): Promise<void> {
    return inTurn(async () => {
      const seq = await build(projection);
      following.push({ projection, seq, isBroken: false });
      reached = Math.max(reached, seq);
    });
  }

  return {
    get seq() {
      return reached;
    },
    sections,
    project,
    async addSection(section) {
      await project(section);
      section.takeChange(reached);
      sections.push(section);
    },
    async alter(change) {
      const { delivered } = await inTurn(async () => {
        change();
        return { delivered: deliver() };
      });
      await delivered;
    },
    async rebuild(projection) {
      const { delivered } = await inTurn(async () => {
        const each = following.find((known) => known.projection === projection);
        if (!each) throw new TypeError(`${projection.name} does not follow this feed`);
        await buildAgain(each);
        return { delivered: deliver() };
      });
      await delivered;
    },
    subscribe: (subscription) => void subscriptions.push(subscription),
  };
}

/** The events with a number above `seq`. `events` are in order. */
function newerThan(seq: number, events: readonly CommittedEvent[]): readonly CommittedEvent[] {
  const [first] = events;
  return first && first.seq > seq ? events : events.filter((event) => event.seq > seq);
}

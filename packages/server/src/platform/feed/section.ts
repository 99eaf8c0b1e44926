// Sections: the keyed maps that the gateway's workers copy. There are three kinds: from a table, from other
// projections, and of values that are only in memory. Each collects its changes until the feed reads them.
import { isDeepStrictEqual } from 'node:util';
import type { SectionChange } from '@gatehouse/access';
import type { Connection, Database } from '../store/database.ts';
import type { CommittedEvent } from './events.ts';
import type { Section } from './feed.ts';

/** A map that remembers which of its keys changed. */
interface ChangingMap<V> extends Pick<Section<V>, 'entries' | 'version' | 'takeChange'> {
  put(key: string, value: V): void;
  remove(key: string): void;
  /** Replaces everything. Equal values do not count as changed. */
  replace(entries: Iterable<readonly [string, V]>): void;
  /** Marks everything as changed. */
  markChanged(): void;
}

function createChangingMap<V>(section: string): ChangingMap<V> {
  const entries = new Map<string, V>();
  /** Undefined until the feed first reads it. The section then has all its entries. */
  let changed: Set<string> | undefined;
  let version = 0;

  function put(key: string, value: V): void {
    if (isDeepStrictEqual(entries.get(key), value)) return;
    entries.set(key, value);
    changed?.add(key);
  }

  function remove(key: string): void {
    if (entries.delete(key)) changed?.add(key);
  }

  return {
    entries,
    get version() {
      return version;
    },
    put,
    remove,
    replace(next) {
      const gone = new Set(entries.keys());
      for (const [key, value] of next) {
        gone.delete(key);
        put(key, value);
      }
      for (const key of gone) remove(key);
    },
    markChanged() {
      for (const key of entries.keys()) changed?.add(key);
    },
    takeChange(seq) {
      const keys = changed;
      if (keys?.size === 0) return undefined;
      changed = new Set();
      if (!keys) return undefined;
      version += 1;
      const change: SectionChange = { seq, section, version, put: [], remove: [] };
      for (const key of keys) {
        const value = entries.get(key);
        if (value === undefined) change.remove.push(key);
        else change.put.push([key, value]);
      }
      return change;
    },
  };
}

export interface TableSource<V> {
  name: string;
  /** The keys of the rows that an event changes. */
  touches(event: CommittedEvent): readonly string[];
  /**
   * The value of the section under this key; undefined if the row was removed, or does not belong to the
   * section.
   */
  row(connection: Connection, key: string): Promise<V | undefined>;
  /** At most `limit` entries whose keys come after `after`, in the order of their keys. */
  page(connection: Connection, after: string, limit: number): Promise<[key: string, value: V][]>;
}

export interface TableSection<V> extends Section<V> {
  /** Removes entries that end without an event, such as expired ones. Call it within `feed.alter`. */
  sweep(isOver: (value: V, key: string) => boolean): void;
}

const PAGE = 2000;

/**
 * A section that mirrors a table.
 * @example
 * const services = createTableSection(database, {
 *   name: 'services',
 *   touches: ({ type, subject }) => (type === 'identity.service_removed' && subject !== null ? [subject] : []),
 *   row: (connection, name) => store.service(connection, name),
 *   page: (connection, after, limit) => store.servicePage(connection, after, limit),
 * });
 */
export function createTableSection<V>(
  database: Pick<Database, 'read'>,
  source: TableSource<V>,
): TableSection<V> {
  const map = createChangingMap<V>(source.name);

  async function* everything(connection: Connection): AsyncGenerator<[string, V]> {
    for (let after = ''; ; ) {
      const page = await source.page(connection, after, PAGE);
      yield* page;
      const [last] = page.at(-1) ?? [];
      if (last === undefined || page.length < PAGE) return;
      after = last;
    }
  }

  async function readAgain(keys: Iterable<string>): Promise<void> {
    for (const key of keys) {
      const value = await source.row(database.read, key);
      if (value === undefined) map.remove(key);
      else map.put(key, value);
    }
  }

  return {
    name: source.name,
    entries: map.entries,
    get version() {
      return map.version;
    },
    takeChange: map.takeChange,
    async build(connection) {
      const gone = new Set(map.entries.keys());
      for await (const [key, value] of everything(connection)) {
        gone.delete(key);
        map.put(key, value);
      }
      for (const key of gone) map.remove(key);
    },
    advance(events) {
      const keys = new Set<string>();
      for (const event of events) for (const key of source.touches(event)) keys.add(key);
      return keys.size === 0 ? undefined : readAgain(keys);
    },
    sweep(isOver) {
      for (const [key, value] of map.entries) if (isOver(value, key)) map.remove(key);
    },
  };
}

export interface DerivedSource<V> {
  name: string;
  /** Whether an event may change the result of `entries`. */
  touches(event: CommittedEvent): boolean;
  /** All entries, from projections that were added to the feed before this one. */
  entries(): Iterable<readonly [string, V]>;
}

export interface DerivedSection<V> extends Section<V> {
  /** Derives the entries again. Call it within `feed.alter`. */
  refresh(): void;
  /** Marks everything as changed, because it could not be delivered. */
  markChanged(): void;
}

/** A small section that is derived from other projections. */
export function createDerivedSection<V>(source: DerivedSource<V>): DerivedSection<V> {
  const map = createChangingMap<V>(source.name);
  const refresh = () => map.replace(source.entries());
  return {
    name: source.name,
    entries: map.entries,
    get version() {
      return map.version;
    },
    takeChange: map.takeChange,
    refresh,
    markChanged: map.markChanged,
    build: async () => refresh(),
    advance(events) {
      if (events.some((event) => source.touches(event))) refresh();
    },
  };
}

/** A section of values that are in no table. Change it within `feed.alter`. */
export interface OwnSection<V> extends Section<V> {
  put(key: string, value: V): void;
  remove(key: string): void;
  replace(entries: Iterable<readonly [string, V]>): void;
  /** Marks everything as changed, because it could not be delivered. */
  markChanged(): void;
}

export function createOwnSection<V>(name: string, initial: Iterable<readonly [string, V]>): OwnSection<V> {
  const map = createChangingMap<V>(name);
  map.replace(initial);
  return {
    name,
    entries: map.entries,
    get version() {
      return map.version;
    },
    takeChange: map.takeChange,
    put: map.put,
    remove: map.remove,
    replace: map.replace,
    markChanged: map.markChanged,
    build: async () => {},
    advance() {},
  };
}

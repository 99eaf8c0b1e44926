// A worker's copies of the sections. Whole sections come first, then changes. A change that does not compile
// has no effect. If a change was missed, the worker asks for the whole section again.
import type { SectionChange, SectionPage } from './section-change.ts';
import type { GatewaySections, SectionName } from './sections.ts';
import { SECTION_NAMES } from './sections.ts';
import type { CompiledSection, Snapshot, SnapshotChange, SnapshotDeps } from './snapshot.ts';
import { COMPILED_SECTIONS, compileSnapshot, nextSnapshot } from './snapshot.ts';

/** The copies of all sections, and the snapshot that is compiled from them. */
export interface SectionCopies {
  readonly sections: GatewaySections;
  /** The snapshot in force. Throws until every section has arrived. */
  snapshot(): Snapshot;
  /** Whether every section has arrived. */
  isComplete(): boolean;
  /** Takes a part of a whole section. */
  fill(page: SectionPage): void;
  /**
   * Applies the changes of one commit, all or none. Changes that come before every section has arrived wait
   * until then. If an earlier change of one of these sections is missing, it applies none, and returns the
   * names of the sections that it needs whole. Throws if the changes do not compile.
   */
  advance(changes: readonly SectionChange[]): SectionName[];
}

const MOST_SHARED = 1000;

type Copies = Record<SectionName, Map<string, unknown>>;
type Tried = Partial<Record<CompiledSection, Map<string, unknown>>>;

/**
 * Starts without any section.
 * @example
 * const copies = createSectionCopies({ clock: systemClock, claims });
 * copies.fill(page);
 * const missed = copies.advance(changes);
 * if (copies.isComplete()) serve(copies.snapshot);
 */
export function createSectionCopies(deps: SnapshotDeps): SectionCopies {
  const copies = Object.fromEntries(SECTION_NAMES.map((name) => [name, new Map()])) as Copies;
  const sections = copies as unknown as GatewaySections;
  const versions = new Map<string, number>();
  let filling = new Map<string, unknown>();
  const roles = new Map<string, unknown>();
  /** The changes that came before every section had arrived. */
  let early: (readonly SectionChange[])[] = [];
  let snapshot: Snapshot | undefined;

  function inForce(): Snapshot {
    snapshot ??= compileSnapshot(sections, deps);
    return snapshot;
  }

  /** The compiled sections with these changes. Does not apply them yet. */
  function tryOut(changes: readonly SectionChange[]): Tried {
    const tried: Tried = {};
    for (const name of COMPILED_SECTIONS) {
      for (const change of changes.filter(({ section }) => section === name)) {
        tried[name] = new Map(copies[name]);
        applyTo(tried[name], change);
      }
    }
    return tried;
  }

  const isComplete = () => SECTION_NAMES.every((name) => versions.has(name));

  /** A section that was read after a change already contains it. */
  const isNew = ({ section, version }: SectionChange) => version > (versions.get(section) ?? -1);
  const isNext = ({ section, version }: SectionChange) => versions.get(section) === version - 1;

  function advance(all: readonly SectionChange[]): SectionName[] {
    const changes = all.filter(isNew);
    if (!changes.every(isNext)) return changes.map(({ section }) => section as SectionName);
    const tried = tryOut(changes);
    const changed = tried as SnapshotChange['changed'];
    snapshot = nextSnapshot(inForce(), { sections, changed, deps });
    Object.assign(copies, tried);
    for (const change of changes) {
      if (!(change.section in tried)) applyTo(copies[change.section as SectionName], change);
      versions.set(change.section, change.version);
    }
    return [];
  }

  function takeEarly(): void {
    for (const changes of early) {
      const missed = advance(changes);
      if (missed.length > 0) throw new Error(`changes of ${missed.join(', ')} were lost`);
    }
    early = [];
  }

  return {
    sections,
    snapshot: inForce,
    isComplete,
    fill({ section, version, entries, isFirst, isLast }) {
      if (isFirst) filling = new Map();
      for (const [key, value] of entries) filling.set(key, withSharedRoles(value, roles));
      if (!isLast) return;
      copies[section as SectionName] = filling;
      filling = new Map();
      versions.set(section, version);
      if (snapshot) snapshot = compileSnapshot(sections, deps);
      if (isComplete()) takeEarly();
    },
    advance(changes) {
      if (isComplete()) return advance(changes);
      early.push(changes);
      return [];
    },
  };
}

function applyTo(map: Map<string, unknown>, { put, remove }: SectionChange): void {
  for (const key of remove) map.delete(key);
  for (const [key, value] of put) map.set(key, value);
}

/** Thousands of principals have the same few roles, so equal lists are shared. */
function withSharedRoles(value: unknown, known: Map<string, unknown>): unknown {
  if (typeof value !== 'object' || value === null || !('roles' in value)) return value;
  const text = JSON.stringify(value.roles);
  const shared = known.get(text) ?? value.roles;
  if (known.size < MOST_SHARED) known.set(text, shared);
  value.roles = shared;
  return value;
}

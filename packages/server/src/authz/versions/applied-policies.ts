// The applied policies: the version in force, as the store has it. It follows the feed, so every worker has a
// new version before the server answers that it was applied.
import type { SectionPolicy } from '@gatehouse/access';
import type { CommittedEvent } from '../../platform/feed/events.ts';
import type { Projection } from '../../platform/feed/feed.ts';
import type { Connection, Database } from '../../platform/store/database.ts';
import type { PolicyFile } from '../language/index.ts';
import type { PolicyVersionRow, PolicyVersionSummaryRow } from '../store.ts';
import { latestVersion } from '../store.ts';

/** The actor who applied a version. */
export interface AppliedBy {
  kind: string;
  name: string;
}

export interface PolicyVersionSummary {
  /** 0: the default, before anything was applied. */
  version: number;
  /** `sha256:` and hex, of the files. */
  digest: string;
  /** The number of its policies. */
  policies: number;
  note: string;
  /** Milliseconds since 1970; null for the default. */
  appliedAt: number | null;
  appliedBy: AppliedBy | null;
}

export interface PolicyVersion extends PolicyVersionSummary {
  files: readonly PolicyFile[];
}

/** A version with its policies as the workers get them, by their ids. */
export interface AppliedVersion extends PolicyVersion {
  compiled: ReadonlyMap<string, SectionPolicy>;
}

export interface AppliedPolicies extends Projection {
  readonly current: AppliedVersion;
}

export const POLICIES_APPLIED = 'authz.policies_applied';

/** `initial` is in force until a version is applied. */
export function createAppliedPolicies(
  database: Pick<Database, 'read'>,
  initial: AppliedVersion,
): AppliedPolicies {
  let current = initial;

  async function read(connection: Connection): Promise<void> {
    const row = await latestVersion(connection);
    current = row ? appliedVersion(row) : initial;
  }

  return {
    name: 'applied policies',
    get current() {
      return current;
    },
    build: read,
    advance: (events) => (events.some(isPolicyEvent) ? read(database.read) : undefined),
  };
}

export function isPolicyEvent({ type }: Pick<CommittedEvent, 'type'>): boolean {
  return type === POLICIES_APPLIED;
}

export function summaryOf(row: PolicyVersionSummaryRow): PolicyVersionSummary {
  return {
    version: row.version,
    digest: row.digest,
    policies: row.policy_count,
    note: row.note,
    appliedAt: row.applied_at,
    appliedBy: { kind: row.applied_by_kind, name: row.applied_by },
  };
}

export function versionOf(row: PolicyVersionRow): PolicyVersion {
  return { ...summaryOf(row), files: JSON.parse(row.files) as PolicyFile[] };
}

function appliedVersion(row: PolicyVersionRow): AppliedVersion {
  return { ...versionOf(row), compiled: new Map(JSON.parse(row.policies) as [string, SectionPolicy][]) };
}

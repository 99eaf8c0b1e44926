// Versions of the policies: check, apply, history and rollback. Policies that are not valid change nothing.
import type { Clock, SectionPolicy } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { PolicyFile, PolicyFinding, SchemaFacts } from '../language/index.ts';
import { isError } from '../language/index.ts';
import { insertVersion, latestVersion, versionRow, versionSummaries } from '../store.ts';
import type { AppliedPolicies, PolicyVersion, PolicyVersionSummary } from './applied-policies.ts';
import { POLICIES_APPLIED, summaryOf, versionOf } from './applied-policies.ts';
import { DEFAULT_VERSION } from './default-policies.ts';
import { digestOf } from './digest.ts';
import type { PolicyReader, ReadingPurpose } from './policy-reader.ts';

/** The result of validation. */
export interface CheckedPolicies {
  valid: boolean;
  findings: readonly PolicyFinding[];
  /** By id; empty if they are not valid. */
  compiled: ReadonlyMap<string, SectionPolicy>;
}

/** The version in force after an act. */
export interface AppliedChange extends PolicyVersionSummary {
  /** False if the same policies were in force before. */
  changed: boolean;
  findings: readonly PolicyFinding[];
}

export interface NewPolicies {
  files: readonly PolicyFile[];
  note: string;
}

export interface PolicyVersions {
  check(files: readonly PolicyFile[]): Promise<CheckedPolicies>;
  /**
   * `facts` are the facts that will be true; default: those of now. Throws `policy_invalid` with all errors.
   */
  require(files: readonly PolicyFile[], facts?: SchemaFacts): Promise<CheckedPolicies>;
  /**
   * Replaces the set. Resolves when every worker decides by it. Equal files change nothing. Throws
   * `policy_invalid` with all errors.
   */
  apply(policies: NewPolicies, actor: Actor): Promise<AppliedChange>;
  /**
   * Applies the files of an earlier version again, as a new version. Throws `not_found`, `policy_invalid`.
   */
  rollback(version: number, actor: Actor): Promise<AppliedChange>;
  /** The newest first; the default is not listed. */
  history(limit: number): Promise<PolicyVersionSummary[]>;
  /** Throws `not_found`. */
  show(version: number): Promise<PolicyVersion>;
}

export interface PolicyVersionsDeps {
  database: Database;
  events: Events;
  clock: Clock;
  applied: Pick<AppliedPolicies, 'current'>;
  /** The facts that policies can refer to now. */
  facts(): SchemaFacts;
  read: PolicyReader;
}

export function createPolicyVersions(deps: PolicyVersionsDeps): PolicyVersions {
  const { database, events, clock, applied, facts, read } = deps;

  async function checkFor(
    purpose: ReadingPurpose,
    files: readonly PolicyFile[],
    about = facts(),
  ): Promise<CheckedPolicies> {
    const { policies, findings } = await read(purpose, files, about);
    return { valid: !findings.some(isError), findings, compiled: policies };
  }

  async function requireFor(
    purpose: ReadingPurpose,
    files: readonly PolicyFile[],
    about?: SchemaFacts,
  ): Promise<CheckedPolicies> {
    const checked = await checkFor(purpose, files, about);
    if (checked.valid) return checked;
    throw invalidPolicies(checked.findings);
  }

  async function insert(tx: Tx, version: StoredVersion, actor: Actor): Promise<PolicyVersionSummary> {
    const { files, note, digest, compiled } = version;
    const latest = await latestVersion(tx);
    const row = {
      version: (latest?.version ?? DEFAULT_VERSION.version) + 1,
      digest,
      files: JSON.stringify(files),
      policies: JSON.stringify([...compiled]),
      policy_count: compiled.size,
      note,
      applied_at: clock.now(),
      applied_by_kind: actor.kind,
      applied_by: actor.name,
    };
    await insertVersion(tx, row);
    const data = { version: row.version, digest, policies: compiled.size, note };
    await events.publish(tx, { type: POLICIES_APPLIED, actor, outcome: 'success', subject: null, data });
    return summaryOf(row);
  }

  async function apply({ files, note }: NewPolicies, actor: Actor): Promise<AppliedChange> {
    const { compiled, findings } = await requireFor('apply', files);
    const digest = digestOf(files);
    const { summary, changed } = await database.write(async (tx) => {
      const current = await latestVersion(tx);
      const inForce = current ? summaryOf(current) : DEFAULT_VERSION;
      if (inForce.digest === digest) return { summary: inForce, changed: false };
      return { summary: await insert(tx, { files, note, digest, compiled }, actor), changed: true };
    });
    return { ...summary, changed, findings };
  }

  async function show(version: number): Promise<PolicyVersion> {
    if (version === DEFAULT_VERSION.version) return DEFAULT_VERSION;
    if (version === applied.current.version) return applied.current;
    const row = await versionRow(database.read, version);
    if (row) return versionOf(row);
    throw new GatehouseError(
      'not_found',
      `There is no version ${version} of the policies: see 'gatehouse policy history'.`,
    );
  }

  return {
    check: (files) => checkFor('ask', files),
    require: (files, about) => requireFor('ask', files, about),
    apply,
    async rollback(version, actor) {
      const { files } = await show(version);
      return apply({ files, note: `rollback to version ${version}` }, actor);
    },
    history: async (limit) => (await versionSummaries(database.read, limit)).map(summaryOf),
    show,
  };
}

interface StoredVersion extends NewPolicies {
  digest: string;
  compiled: ReadonlyMap<string, SectionPolicy>;
}

const SHOWN_ERRORS = 10;

/** The error with the place of each mistake. */
function invalidPolicies(findings: readonly PolicyFinding[]): GatehouseError {
  const errors = findings.filter(isError);
  const lines = errors
    .slice(0, SHOWN_ERRORS)
    .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const more = errors.length > SHOWN_ERRORS ? [`… and ${errors.length - SHOWN_ERRORS} more`] : [];
  return new GatehouseError(
    'policy_invalid',
    ['The policies are not valid, so the last valid policies stay in force.', ...lines, ...more].join('\n'),
  );
}

// Checks whether the policies in force still fit the attributes that they read. They were validated when they
// were applied, but the attributes of people and routes change later. Policies that no longer fit stay in
// force: in Cedar, a policy that fails for a caller has no effect for that caller. So the log and the answer
// to the change name these policies.
import type { SectionPolicy } from '@gatehouse/access';
import type { Log } from '../../platform/log/log.ts';
import type { PolicyFinding, SchemaFacts } from '../language/index.ts';
import { attributesReadBy, isError } from '../language/index.ts';
import type { AppliedPolicies, AppliedVersion } from '../versions/applied-policies.ts';
import type { PolicyReader } from '../versions/policy-reader.ts';

/** The attributes that someone got, by name. */
type Attributes = Readonly<Record<string, unknown>>;

export interface PolicyFit {
  /** A sentence for each policy in force that does not fit. Empty if no policy reads these attributes. */
  withAttributes(attributes: Attributes): Promise<string[]>;
  /** After a start, or a change of the routes: a sentence for each policy in force that does not fit. */
  now(): Promise<string[]>;
}

export interface PolicyFitDeps {
  applied: Pick<AppliedPolicies, 'current'>;
  /** The facts that policies can refer to now. */
  facts(): SchemaFacts;
  read: PolicyReader;
  log: Pick<Log, 'event'>;
}

/**
 * @example
 * const fit = createPolicyFit({ applied, facts, read: createPolicyReader(), log });
 * const warnings = await fit.withAttributes({ level: 'high' });
 */
export function createPolicyFit({ applied, facts, read, log }: PolicyFitDeps): PolicyFit {
  let attributes: { of?: AppliedVersion; names: ReadonlySet<string> } = { names: new Set() };
  /** The last validation: its policies, its facts and its findings. */
  let known: { key: string; warnings: Promise<string[]> } | undefined;

  function namesReadBy(version: AppliedVersion): ReadonlySet<string> {
    if (attributes.of !== version) attributes = { of: version, names: attributesOf(version) };
    return attributes.names;
  }

  function now(): Promise<string[]> {
    const { current } = applied;
    // The default policies read no attributes.
    if (current.appliedAt === null) return Promise.resolve([]);
    const about = facts();
    const key = JSON.stringify([current.version, [...about.principalAttributes], about.routes]);
    if (known?.key !== key) known = { key, warnings: validate(current, about) };
    return known.warnings;
  }

  async function validate(version: AppliedVersion, about: SchemaFacts): Promise<string[]> {
    const findings = await findingsOf(version, about);
    const sentences = findings.map((finding) => sentenceOf(finding, version.compiled));
    const policies = [...new Set(findings.flatMap(({ policy }) => policy ?? []))];
    const [reason] = sentences;
    if (reason !== undefined)
      log.event('authz.policies_do_not_fit', { version: version.version, policies, reason });
    return sentences;
  }

  async function findingsOf({ files }: AppliedVersion, about: SchemaFacts): Promise<PolicyFinding[]> {
    try {
      return (await read('fit', files, about)).findings.filter(isError);
    } catch (error) {
      // The change is in force already, so it must not fail now.
      const message = `the policies could not be validated again: ${error instanceof Error ? error.message : error}`;
      return [{ severity: 'error', file: files[0]?.name ?? '', line: 1, column: 1, message }];
    }
  }

  return {
    now,
    async withAttributes(given) {
      const names = namesReadBy(applied.current);
      return Object.keys(given).some((name) => names.has(name)) ? now() : [];
    },
  };
}

function attributesOf({ compiled }: AppliedVersion): ReadonlySet<string> {
  return new Set([...compiled.values()].flatMap(({ json }) => attributesReadBy(json)));
}

function sentenceOf(
  { policy, file, line, column, message }: PolicyFinding,
  policies: ReadonlyMap<string, SectionPolicy>,
): string {
  const isForbid = policies.get(policy ?? '')?.json.effect === 'forbid';
  const effect = isForbid ? 'forbids nothing' : 'permits nothing';
  const place = `${file}:${line}:${column}`;
  return policy === undefined
    ? `The policies in force may not fit the attributes that they read: ${message}`
    : `The policy ${policy} (${place}) no longer fits the attributes that it reads, and ${effect} where it fails: ${message}`;
}

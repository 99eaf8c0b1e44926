// The form of policies, their versions and decisions in the admin API.
import { z } from 'zod';
import { timestamp, toTimestamp } from '../platform/http/schemas.ts';
import type { PolicyVersion, PolicyVersionSummary } from './versions/applied-policies.ts';
import type { AppliedChange } from './versions/policy-versions.ts';

const MAX_FILES = 1000;

const fileSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[^\p{Cc}]{1,255}$/u, 'must be the name of a file, up to 255 characters')
    .describe('For messages, and for the ids of its policies'),
  text: z.string().describe('Policies in Cedar'),
});

/** The files of a set, each once. */
export const policyFiles = z
  .array(fileSchema)
  .min(1, 'must have at least one file')
  .max(MAX_FILES)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'must not name a file twice');

const findingSchema = z.object({
  severity: z.enum(['error', 'warning']),
  file: z.string(),
  line: z.int(),
  column: z.int(),
  policy: z.string().optional().describe('The id of the policy'),
  message: z.string(),
  help: z.string().optional(),
});

/** A mistake or a warning in a policy file. */
export type PolicyFindingView = z.output<typeof findingSchema>;

export const checkedSchema = z
  .object({
    valid: z.boolean(),
    findings: z.array(findingSchema),
    policies: z.int().describe('How many policies the files have; 0 if they are not valid'),
  })
  .meta({ id: 'CheckedPolicies' });

/** The mistakes in policies that were not applied. */
export type CheckedPoliciesView = z.output<typeof checkedSchema>;

export const summarySchema = z
  .object({
    version: z.int().describe('0: the default, before anything was applied'),
    digest: z.string().describe('`sha256:` and hex'),
    policies: z.int().describe('The number of its policies'),
    note: z.string(),
    appliedAt: timestamp.nullable(),
    appliedBy: z.object({ kind: z.string(), name: z.string() }).nullable(),
  })
  .meta({ id: 'PolicyVersionSummary' });

/** A version, without its files. */
export type PolicyVersionSummaryView = z.output<typeof summarySchema>;

export const versionSchema = summarySchema
  .extend({ files: z.array(fileSchema) })
  .meta({ id: 'PolicyVersion' });

/** A version with its files. */
export type PolicyVersionView = z.output<typeof versionSchema>;

const textSchema = z.object({ id: z.string(), text: z.string().describe('In Cedar') });

export const policiesSchema = versionSchema
  .extend({
    generated: z.array(textSchema).describe('From `allow` and `require` of the routes'),
    builtIn: z.array(textSchema).describe('Of the admin API'),
  })
  .meta({ id: 'Policies' });

/** The policies in force, with those that routes and the admin API mean. */
export type PoliciesView = z.output<typeof policiesSchema>;

export const appliedSchema = summarySchema
  .extend({
    changed: z.boolean().describe('false: these policies were in force already'),
    findings: z.array(findingSchema),
  })
  .meta({ id: 'AppliedPolicies' });

/** The version in force after an act. */
export type AppliedPoliciesView = z.output<typeof appliedSchema>;

export const questionMembers = {
  principal: z.string().min(1).describe('`alice`, `service:billing`, or `User::"alice"`'),
  action: z.string().min(1).describe('`GET`, a permission, or `Action::"GET"`'),
  resource: z.string().min(1).describe('A path, a URL, or `Route::"/notes/:id"`'),
  context: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Members of the context to replace, such as `{ "amr": ["pwd"] }`'),
};

export const otherFiles = {
  files: policyFiles.optional().describe('Decide by these policies instead of the applied ones'),
};

const explainedPart = z.object({
  part: z.enum(['principal', 'action', 'resource', 'when', 'unless']),
  text: z.string(),
  values: z.array(z.object({ text: z.string(), value: z.string() })),
  error: z.string().optional(),
});

export const explanationSchema = z
  .object({
    allowed: z.boolean(),
    reason: z.string(),
    policies: z.array(z.string()).describe('The ids of the policies that decided'),
    errors: z.array(z.object({ policy: z.string(), message: z.string() })),
    explanations: z.array(
      z.object({
        policy: z.string(),
        effect: z.enum(['permit', 'forbid']),
        applies: z.boolean(),
        failed: z.array(explainedPart).describe('The conditions that do not hold'),
        because: z.array(explainedPart).describe('Why it applies: its scope and conditions, with the values'),
      }),
    ),
    principal: z.string(),
    action: z.string(),
    resource: z.string(),
    context: z.string().describe('In Cedar'),
  })
  .meta({ id: 'PolicyExplanation' });

/** A decision with its reasons. */
export type PolicyExplanationView = z.output<typeof explanationSchema>;

const effect = z.enum(['allow', 'deny']);
export const caseSchema = z.strictObject({
  ...questionMembers,
  name: z.string().optional(),
  expect: effect,
  policies: z.array(z.string()).optional().describe('The ids of the policies that must have decided'),
});

export const testedSchema = z
  .object({
    passed: z.int(),
    failed: z.int(),
    results: z.array(
      z.object({
        name: z.string(),
        passed: z.boolean(),
        expected: effect,
        actual: effect,
        policies: z.array(z.string()),
        expectedPolicies: z.array(z.string()).optional(),
      }),
    ),
  })
  .meta({ id: 'TestedPolicies' });

/** Decisions, compared with the expected ones. */
export type TestedPoliciesView = z.output<typeof testedSchema>;

export function summaryView({
  version,
  digest,
  policies,
  note,
  appliedAt,
  appliedBy,
}: PolicyVersionSummary): PolicyVersionSummaryView {
  const at = appliedAt === null ? null : toTimestamp(appliedAt);
  return { version, digest, policies, note, appliedAt: at, appliedBy };
}

export function versionView(version: PolicyVersion): PolicyVersionView {
  return { ...summaryView(version), files: [...version.files] };
}

export function appliedView({ changed, findings, ...summary }: AppliedChange): AppliedPoliciesView {
  return { ...summaryView(summary), changed, findings: [...findings] };
}

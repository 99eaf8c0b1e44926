// Policies in the admin API: check, apply, history, rollback, and questions to the policies.
import { z } from 'zod';
import { json } from '../platform/http/answer.ts';
import { jsonUpTo } from '../platform/http/body.ts';
import type { Route } from '../platform/http/route.ts';
import { actorOf, route } from '../platform/http/route.ts';
import { limit, timestamp, toTimestamp, wholeNumber } from '../platform/http/schemas.ts';
import type { PolicyVersion, PolicyVersionSummary } from './applied-policies.ts';
import type { PolicyQuestions } from './policy-questions.ts';
import type { PolicyTexts } from './policy-texts.ts';
import type { PolicyVersions } from './policy-versions.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_FILES = 1000;

const fileSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[^\p{Cc}]{1,255}$/u, 'must be the name of a file, up to 255 characters')
    .describe('For messages, and for the ids of its policies'),
  text: z.string().describe('Policies in Cedar'),
});

const files = z
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

/** What is wrong, or doubtful, in a policy file. */
export type PolicyFindingView = z.output<typeof findingSchema>;

const checkedSchema = z
  .object({
    valid: z.boolean(),
    findings: z.array(findingSchema),
    policies: z.int().describe('How many policies the files have; 0 if they are not valid'),
  })
  .meta({ id: 'CheckedPolicies' });

export type CheckedPoliciesView = z.output<typeof checkedSchema>;

const summarySchema = z
  .object({
    version: z.int().describe('0: the default, before anything was applied'),
    digest: z.string().describe('`sha256:` and hex'),
    policies: z.int().describe('How many policies it has'),
    note: z.string(),
    appliedAt: timestamp.nullable(),
    appliedBy: z.object({ kind: z.string(), name: z.string() }).nullable(),
  })
  .meta({ id: 'PolicyVersionSummary' });

export type PolicyVersionSummaryView = z.output<typeof summarySchema>;

const versionSchema = summarySchema.extend({ files: z.array(fileSchema) }).meta({ id: 'PolicyVersion' });

export type PolicyVersionView = z.output<typeof versionSchema>;

const textSchema = z.object({ id: z.string(), text: z.string().describe('In Cedar') });

const policiesSchema = versionSchema
  .extend({
    generated: z.array(textSchema).describe('From `allow` and `require` of the routes'),
    builtIn: z.array(textSchema).describe('Of the admin API'),
  })
  .meta({ id: 'Policies' });

export type PoliciesView = z.output<typeof policiesSchema>;

const appliedSchema = summarySchema
  .extend({
    changed: z.boolean().describe('false: these policies were in force already'),
    findings: z.array(findingSchema),
  })
  .meta({ id: 'AppliedPolicies' });

export type AppliedPoliciesView = z.output<typeof appliedSchema>;

const questionMembers = {
  principal: z.string().min(1).describe('`alice`, `service:billing`, or `User::"alice"`'),
  action: z.string().min(1).describe('`GET`, a permission, or `Action::"GET"`'),
  resource: z.string().min(1).describe('A path, a URL, or `Route::"/notes/:id"`'),
  context: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Members of the context that are different, such as `{ "amr": ["pwd"] }`'),
};

const otherFiles = {
  files: files.optional().describe('Decide by these policies instead of the applied ones'),
};

const explanationSchema = z
  .object({
    allowed: z.boolean(),
    reason: z.string(),
    policies: z.array(z.string()).describe('The ids of those that decided'),
    errors: z.array(z.object({ policy: z.string(), message: z.string() })),
    explanations: z.array(
      z.object({
        policy: z.string(),
        effect: z.enum(['permit', 'forbid']),
        applies: z.boolean(),
        failed: z.array(
          z.object({
            part: z.enum(['principal', 'action', 'resource', 'when', 'unless']),
            text: z.string(),
            values: z.array(z.object({ text: z.string(), value: z.string() })),
            error: z.string().optional(),
          }),
        ),
      }),
    ),
    principal: z.string(),
    action: z.string(),
    resource: z.string(),
    context: z.string().describe('In Cedar'),
  })
  .meta({ id: 'PolicyExplanation' });

export type PolicyExplanationView = z.output<typeof explanationSchema>;

const effect = z.enum(['allow', 'deny']);
const caseSchema = z.strictObject({
  ...questionMembers,
  name: z.string().optional(),
  expect: effect,
  policies: z.array(z.string()).optional().describe('The ids of those that must have decided'),
});

const testedSchema = z
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

export type TestedPoliciesView = z.output<typeof testedSchema>;

export interface PolicyRoutesDeps {
  versions: PolicyVersions;
  texts: PolicyTexts;
  questions: PolicyQuestions;
}

const FIRST_VERSIONS = 100;
const READ = 'authz:ReadPolicies';
const APPLY = 'authz:ApplyPolicies';

export function policyRoutes({ versions, texts, questions }: PolicyRoutesDeps): Route[] {
  return [
    route({
      name: 'readPolicies',
      method: 'GET',
      path: '/admin/policies',
      permission: READ,
      summary: 'Read the policies in force',
      answers: { 200: policiesSchema },
      handle() {
        const { version, generated, builtIn } = texts.inForce();
        return json({ ...versionView(version), generated, builtIn });
      },
    }),
    route({
      name: 'readPolicySchema',
      method: 'GET',
      path: '/admin/policies/schema',
      permission: READ,
      summary: 'Read what policies can speak about, as a schema of Cedar',
      answers: { 200: z.object({ schema: z.string() }) },
      handle: () => json({ schema: texts.schema() }),
    }),
    route({
      name: 'checkPolicies',
      method: 'POST',
      path: '/admin/policies/check',
      permission: READ,
      summary: 'Check policies without applying them',
      body: jsonUpTo(MAX_BODY_BYTES, z.strictObject({ files })),
      answers: { 200: checkedSchema },
      async handle(call) {
        const { valid, findings, compiled } = await versions.check(call.body.files);
        return json({ valid, findings: [...findings], policies: compiled.size });
      },
    }),
    route({
      name: 'applyPolicies',
      method: 'PUT',
      path: '/admin/policies',
      permission: APPLY,
      summary: 'Replace the policies; the answer comes when every worker decides by them',
      body: jsonUpTo(
        MAX_BODY_BYTES,
        z.strictObject({ files, note: z.string().max(1000).default('').describe('For the history') }),
      ),
      answers: { 200: appliedSchema },
      async handle(call) {
        const { findings, ...applied } = await versions.apply(call.body, actorOf(call));
        return json({ ...summaryView(applied), changed: applied.changed, findings: [...findings] });
      },
    }),
    route({
      name: 'listPolicyVersions',
      method: 'GET',
      path: '/admin/policies/versions',
      permission: READ,
      summary: 'List the versions of the policies, the newest first',
      query: z.object({ limit: limit(FIRST_VERSIONS) }),
      answers: { 200: z.object({ versions: z.array(summarySchema) }) },
      async handle(call) {
        const history = await versions.history(call.query.limit);
        return json({ versions: history.map(summaryView) });
      },
    }),
    route({
      name: 'readPolicyVersion',
      method: 'GET',
      path: '/admin/policies/versions/:version',
      permission: READ,
      summary: 'Read a version of the policies',
      params: z.object({ version: wholeNumber({ min: 0 }) }),
      answers: { 200: versionSchema },
      handle: async (call) => json(versionView(await versions.show(call.params.version))),
    }),
    route({
      name: 'rollBackPolicies',
      method: 'POST',
      path: '/admin/policies/rollback',
      permission: APPLY,
      summary: 'Apply an earlier version again',
      body: z.strictObject({ version: z.int().min(0).describe('0: the default') }),
      answers: { 200: appliedSchema },
      async handle(call) {
        const { findings, ...applied } = await versions.rollback(call.body.version, actorOf(call));
        return json({ ...summaryView(applied), changed: applied.changed, findings: [...findings] });
      },
    }),
    route({
      name: 'explainDecision',
      method: 'POST',
      path: '/admin/policies/explain',
      permission: READ,
      summary: 'Ask how the policies decide, and why',
      body: jsonUpTo(MAX_BODY_BYTES, z.strictObject({ ...questionMembers, ...otherFiles })),
      answers: { 200: explanationSchema },
      handle: async (call) => json(await questions.explain(call.body, call.body.files)),
    }),
    route({
      name: 'testPolicies',
      method: 'POST',
      path: '/admin/policies/test',
      permission: READ,
      summary: 'Compare decisions with the expected ones',
      body: jsonUpTo(
        MAX_BODY_BYTES,
        z.strictObject({ cases: z.array(caseSchema).min(1).max(10_000), ...otherFiles }),
      ),
      answers: { 200: testedSchema },
      async handle(call) {
        const results = await questions.test(call.body.cases, call.body.files);
        const passed = results.filter((result) => result.passed).length;
        return json({ passed, failed: results.length - passed, results });
      },
    }),
  ];
}

function summaryView({
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

function versionView(version: PolicyVersion): PolicyVersionView {
  return { ...summaryView(version), files: [...version.files] };
}

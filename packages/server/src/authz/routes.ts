// Policies in the admin API: check, apply, history, rollback, and questions to the policies.
import { z } from 'zod';
import { json } from '../platform/http/answer.ts';
import { jsonUpTo } from '../platform/http/body.ts';
import type { Route } from '../platform/http/route.ts';
import { actorOf, route } from '../platform/http/route.ts';
import { limit, wholeNumber } from '../platform/http/schemas.ts';
import type { PolicyQuestions } from './questions/policy-questions.ts';
import type { PolicyTexts } from './versions/policy-texts.ts';
import type { PolicyVersions } from './versions/policy-versions.ts';
import {
  appliedSchema,
  appliedView,
  caseSchema,
  checkedSchema,
  explanationSchema,
  otherFiles,
  policiesSchema,
  policyFiles,
  questionMembers,
  summarySchema,
  summaryView,
  testedSchema,
  versionSchema,
  versionView,
} from './views.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface PolicyRoutesDeps {
  versions: PolicyVersions;
  texts: PolicyTexts;
  questions: PolicyQuestions;
}

const FIRST_VERSIONS = 100;
const READ = 'authz:ReadPolicies';
const ASK = 'authz:ExplainDecisions';
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
      summary: 'Read what policies can name, as a schema of Cedar',
      answers: { 200: z.object({ schema: z.string() }) },
      handle: () => json({ schema: texts.schema() }),
    }),
    route({
      name: 'checkPolicies',
      method: 'POST',
      path: '/admin/policies/check',
      permission: ASK,
      summary: 'Check policies without applying them',
      body: jsonUpTo(MAX_BODY_BYTES, z.strictObject({ files: policyFiles })),
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
      summary: 'Replace the policies; the server answers when every worker decides by them',
      body: jsonUpTo(
        MAX_BODY_BYTES,
        z.strictObject({
          files: policyFiles,
          note: z.string().max(1000).default('').describe('For the history'),
        }),
      ),
      answers: { 200: appliedSchema },
      async handle(call) {
        return json(appliedView(await versions.apply(call.body, actorOf(call))));
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
        return json(appliedView(await versions.rollback(call.body.version, actorOf(call))));
      },
    }),
    route({
      name: 'explainDecision',
      method: 'POST',
      path: '/admin/policies/explain',
      permission: ASK,
      summary: 'Ask how the policies decide, and why',
      body: jsonUpTo(MAX_BODY_BYTES, z.strictObject({ ...questionMembers, ...otherFiles })),
      answers: { 200: explanationSchema },
      handle: async (call) => json(await questions.explain(call.body, call.body.files)),
    }),
    route({
      name: 'testPolicies',
      method: 'POST',
      path: '/admin/policies/test',
      permission: ASK,
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

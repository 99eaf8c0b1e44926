// The same policies in another form: as Cedar's parser reads what Cedar writes, and what we write.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { ExpressionJson, PolicyJson, PolicySetJson } from '@gatehouse/cedar';
import { expressionText } from '@gatehouse/cedar';

/** 0: as they are, 1: written by Cedar, 2: conditions written by us. Templates stay as they are. */
export function asWritten(policies: PolicySetJson, form: number): PolicySetJson {
  if (form === 0) return policies;
  const rewrite = form === 1 ? byCedar : byUs;
  const staticPolicies = Object.entries(policies.staticPolicies).map(([id, json]) => [id, rewrite(json)]);
  return { ...policies, staticPolicies: Object.fromEntries(staticPolicies) };
}

function byCedar(json: PolicyJson): PolicyJson {
  const written = cedar.policyToText(json as never);
  if (written.type === 'failure') return json;
  // Cedar writes some conditions as it cannot read them, such as `has a."b c"`.
  const again = cedar.policyToJson(written.text);
  return again.type === 'failure' ? json : (again.json as unknown as PolicyJson);
}

function byUs(json: PolicyJson): PolicyJson {
  return { ...json, conditions: json.conditions.map(({ kind, body }) => ({ kind, body: rewritten(body) })) };
}

function rewritten(body: ExpressionJson): ExpressionJson {
  const text = `permit (principal, action, resource) when { ${expressionText(body)} };`;
  const answer = cedar.policyToJson(text);
  if (answer.type === 'failure') throw new Error(`Cedar cannot read ${text}: ${answer.errors[0]?.message}`);
  const { conditions } = answer.json as unknown as PolicyJson;
  return (conditions[0] as { body: ExpressionJson }).body;
}

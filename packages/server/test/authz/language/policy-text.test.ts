import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyJson } from '@gatehouse/cedar';
import { policyText } from '../../../src/authz/language/index.ts';

function parsed(text: string): PolicyJson {
  const answer = cedar.policyToJson(text);
  assert.ok(answer.type === 'success', text);
  return answer.json as unknown as PolicyJson;
}

test('Cedar reads the text of a policy as the same policy', () => {
  for (const text of [
    '@id("route:/admin:only") forbid (principal, action, resource == Route::"/admin") unless { principal in [Role::"admin"] };',
    '@id("x") @alarm("a \\"b\\"\\n\\u{7}\\u{c}\\\\u0041é") permit (principal is User in Group::"g", action in [Action::"GET", Action::"HEAD"], resource is Route) when { context.amr.contains("otp") } unless { principal.name like "\\*a*\\u{8}" };',
    '@id("x") permit (principal, action, resource) when { principal has "in" && principal["in"] == "a" && context has tls.version };',
  ]) {
    const json = parsed(text);
    assert.deepEqual(parsed(policyText(json.annotations?.id ?? '', { json })), json);
  }
});

test('a short scope is on one line, and a long one has a line for each part', () => {
  const json = parsed('permit (principal in Role::"a", action, resource) when { true };');
  assert.equal(
    policyText('x', { json }),
    '@id("x")\npermit (principal in Role::"a", action, resource)\nwhen { true };\n',
  );
  const long = parsed(`permit (principal in Role::"${'a'.repeat(80)}", action, resource);`);
  assert.match(
    policyText('x', { json: long }),
    /^permit \(\n {2}principal in Role::"a+",\n {2}action,\n {2}resource\n\);$/m,
  );
});

test('the slots of a template have the values of its link', () => {
  const answer = cedar.templateToJson(
    'permit (principal in ?principal, action, resource is Route in ?resource);',
  );
  assert.ok(answer.type === 'success');
  const slots = { '?principal': { type: 'Role', id: 'r' }, '?resource': { type: 'Route', id: '/a' } };
  assert.match(
    policyText('x', { json: answer.json as unknown as PolicyJson, slots }),
    /permit \(principal in Role::"r", action, resource is Route in Route::"\/a"\);/,
  );
});

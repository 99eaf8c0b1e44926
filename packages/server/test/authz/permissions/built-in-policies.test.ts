// The policies of the admin API and the default, as text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyText } from '../../../src/authz/language/index.ts';
import { BUILT_IN_POLICIES } from '../../../src/authz/permissions/built-in-policies.ts';
import { DEFAULT_VERSION } from '../../../src/authz/versions/default-policies.ts';
import { FACTS, readHere } from '../support.ts';

test('the text of the built-in policies is valid, and means the same as their JSON form', async () => {
  // Their ids are reserved.
  const texts = [...BUILT_IN_POLICIES].map(([id, policy]) => policyText(id.replace('built-in:', ''), policy));
  const { policies, findings } = await readHere([{ name: 'built-in.cedar', text: texts.join('\n') }], FACTS);
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.equal(policies.size, BUILT_IN_POLICIES.size);
  for (const [id, { json }] of policies) {
    const { annotations, ...meaning } = json;
    const built = BUILT_IN_POLICIES.get(`built-in:${id}`)?.json;
    assert.deepEqual(meaning, withoutAnnotations(built), id);
    assert.equal(annotations?.description, built?.annotations?.description);
  }
});

test('the text of the default policies means the same as the policies in force', async () => {
  const { policies, findings } = await readHere(DEFAULT_VERSION.files, FACTS);
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.deepEqual([...policies.keys()], [...DEFAULT_VERSION.compiled.keys()]);
  for (const [id, { json }] of policies) {
    assert.deepEqual(withoutAnnotations(json), DEFAULT_VERSION.compiled.get(id)?.json, id);
  }
});

function withoutAnnotations(json: { annotations?: unknown } | undefined) {
  const { annotations: _, ...meaning } = json ?? {};
  return meaning;
}

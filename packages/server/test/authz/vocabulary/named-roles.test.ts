import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { readPolicyFiles } from '../../../src/authz/language/read-policies.ts';
import { rolesNamedBy } from '../../../src/authz/vocabulary/named-roles.ts';
import { FACTS } from '../support.ts';

test('finds the roles in scopes, in conditions and in links of templates, each once', () => {
  const text = `permit (principal in Role::"manager", action, resource);
    forbid (principal, action, resource) unless { principal in [Role::"manager", Role::"on-call"] };
    @id("share") permit (principal in ?principal, action, resource) when { "Role" != "user" };
    permit (principal in Group::"staff", action, resource);`;
  const link = { template_id: 'share', link_id: 'one', args: { '?principal': 'Role::"guest"' } };
  const files = [
    { name: 'p.cedar', text },
    { name: 'p.links.json', text: JSON.stringify([link]) },
  ];
  const { policies } = readPolicyFiles(cedar, files, FACTS);
  assert.deepEqual(rolesNamedBy(policies), ['manager', 'on-call', 'guest']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { formatPolicyFile } from '../../../src/authz/language/format-policies.ts';

const format = (text: string) => formatPolicyFile(cedar, { name: 'a.cedar', text });

test('the layout is that of Cedar’s formatter, and comments stay', () => {
  const text = '// first\r\npermit(principal,action,resource)when{true};//x\r\n// last';
  assert.equal(format(text), '// first\npermit (principal, action, resource)\nwhen { true }; //x\n// last\n');
});

test('formatting twice changes nothing', () => {
  const once = format('permit(principal in Role::"a",action,resource) unless{context has address};');
  assert.equal(format(once), once);
});

test('a byte order mark is removed', () => {
  assert.ok(format('\uFEFFpermit (principal, action, resource);').startsWith('permit'));
});

test('a file without policies stays as it is', () => {
  assert.equal(format('// nothing yet\n'), '// nothing yet\n');
});

test('a mistake has its file, line and column', () => {
  assert.throws(() => format('\n permit (principal, action);'), {
    code: 'policy_invalid',
    message: /^a\.cedar:2:\d+: This policy is missing the `resource` variable in the scope\./,
  });
});

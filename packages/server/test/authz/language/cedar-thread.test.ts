import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inCedarThread } from '../../../src/authz/language/cedar-thread.ts';
import { formatPolicies, readPolicies } from '../../../src/authz/language/index.ts';
import { FACTS, permitWhen } from './support.ts';

test('policies are read in a thread that ends with the task', async () => {
  const { policies, findings } = await readPolicies(
    [{ name: 'a.cedar', text: permitWhen('principal.name == "a"') }],
    FACTS,
  );
  assert.deepEqual([[...policies.keys()], findings], [['a.cedar#1'], []]);
});

test('an expected error of the thread arrives with its code and its words', async () => {
  await assert.rejects(formatPolicies({ name: 'a.cedar', text: 'permit' }), {
    code: 'policy_invalid',
    message: /^a\.cedar:1:/,
  });
});

test('stops a task that takes too long', async () => {
  const files = [{ name: 'a.cedar', text: permitWhen('principal.name == "a"').repeat(5000) }];
  const limits = { seconds: 0, memoryMegabytes: 512 };
  await assert.rejects(inCedarThread('read', { files, facts: FACTS }, limits), {
    code: 'policy_invalid',
    message: /took longer than 0 seconds/,
  });
});

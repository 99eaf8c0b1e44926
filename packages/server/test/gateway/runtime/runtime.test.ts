// Finds Bun, and continues without it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findBun, nodeRuntime } from '../../../src/gateway/runtime/runtime.ts';
import { createRuntimeChoice } from '../../../src/gateway/runtime/runtime-choice.ts';

test('finds the Bun of this machine, or says why there is none', async () => {
  const { bun, reason } = await findBun();
  if (bun) assert.match(bun.title, /^Bun \d+\.\d+\.\d+$/);
  else assert.match(reason ?? '', /^(there is no Bun for|the package @oven\/bun-)/);
});

test('says which package is missing', async () => {
  const { reason } = await findBun(['@oven/bun-plan9']);
  assert.equal(reason, 'the package @oven/bun-plan9 is not installed');
});

test('continues with Node when Bun dies three times within a minute, and says so once', () => {
  const warnings: unknown[] = [];
  let time = 0;
  const bun = { ...nodeRuntime(), name: 'bun' as const, title: 'Bun 1' };
  const choice = createRuntimeChoice(
    { log: { event: (_event, facts) => void warnings.push(facts) }, now: () => time },
    { first: bun, fallback: nodeRuntime() },
  );
  for (const at of [0, 30_000, 60_001, 60_002]) {
    assert.equal(choice.current(), bun);
    time = at;
    choice.died(bun);
  }
  assert.equal(choice.current().name, 'node');
  choice.died(bun);
  choice.died(choice.current());
  assert.deepEqual(warnings, [{ from: 'Bun 1', to: nodeRuntime().title }]);
});

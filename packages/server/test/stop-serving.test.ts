// The order in which a server stops serving.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopServing } from '../src/stop-serving.ts';

function recorder() {
  const acts: string[] = [];
  const listener = {
    close: async (graceSeconds: number) => void acts.push(`close within ${Math.ceil(graceSeconds)} s`),
  };
  return {
    acts,
    serving: {
      gateway: { drain: async (graceSeconds: number) => void acts.push(`drain within ${graceSeconds} s`) },
      listeners: [listener],
      monitoring: { drain: () => void acts.push('say that it drains') },
    },
  };
}

test('says that it drains, drains the gateway, and only then closes the control listener', async () => {
  const { acts, serving } = recorder();
  await stopServing(serving);
  assert.deepEqual(acts, ['say that it drains', 'drain within 7 s', 'close within 7 s']);
});

test('closes the listeners of a start that failed before the gateway began', async () => {
  const { acts, serving } = recorder();
  await stopServing({ ...serving, gateway: undefined });
  assert.deepEqual(acts, ['say that it drains', 'close within 7 s']);
});

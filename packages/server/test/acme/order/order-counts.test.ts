// The counts of orders for the metrics.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrderCounts } from '../../../src/acme/order/order-counts.ts';
import type { CommittedEvent } from '../../../src/platform/feed/events.ts';

function event(type: CommittedEvent['type']): CommittedEvent {
  const actor = { kind: 'anonymous', name: 'acme:1' } as const;
  return { seq: 1, type, actor, outcome: 'success', subject: null, data: {} };
}

test('the metrics have every outcome from the start, and count what was committed', async () => {
  const { created, projection, metric } = createOrderCounts();
  created();
  created();
  const types = ['acme.order_finalized', 'acme.challenge_failed', 'acme.account_created'] as const;
  await projection.advance(types.map(event));
  const counted = (await metric.read()).map(({ labels, value }) => [labels?.outcome, value]);
  assert.deepEqual(counted, [
    ['created', 2],
    ['finalized', 1],
    ['refused', 0],
    ['challenge_failed', 1],
  ]);
});

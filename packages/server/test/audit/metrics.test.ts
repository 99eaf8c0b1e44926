// The metrics of the ledger.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLedgerMetrics } from '../../src/audit/metrics.ts';
import { createAuditStore } from '../../src/audit/store.ts';
import type { CommittedEvent } from '../../src/platform/feed/events.ts';
import { createStore } from '../support/store.ts';

const ENTRY: CommittedEvent = {
  seq: 1,
  type: 'identity.sign_in',
  actor: { kind: 'user', name: 'alice' },
  outcome: 'failure',
  subject: 'alice',
  data: {},
};

test('counts entries by type and outcome, without names of people', async (t) => {
  const { database } = await createStore(t);
  const { projection, metrics } = createLedgerMetrics(database, createAuditStore(database));
  await projection.advance([
    ENTRY,
    { ...ENTRY, seq: 2, subject: 'bob' },
    { ...ENTRY, seq: 3, outcome: 'success' },
  ]);
  const entries = metrics.find(({ name }) => name === 'gatehouse_ledger_entries_total');
  assert.deepEqual(await entries?.read(), [
    { labels: { type: 'identity.sign_in', outcome: 'failure' }, value: 2 },
    { labels: { type: 'identity.sign_in', outcome: 'success' }, value: 1 },
  ]);
});

// Request ids are random UUIDs (RFC 9562 §5.4).
import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { test } from 'node:test';
import { createRequestIds } from '../../src/exchange/request-id.ts';

test('every id is a version 4 UUID, and none comes twice', () => {
  const next = createRequestIds(randomFillSync);
  const ids = new Set(Array.from({ length: 2000 }, next));
  assert.equal(ids.size, 2000);
  for (const id of ids)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

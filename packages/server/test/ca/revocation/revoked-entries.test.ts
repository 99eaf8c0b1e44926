// The entries of a revocation list: joined as if they had been encoded all at once, whatever came and went before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRevokedEntry } from '@gatehouse/x509';
import { createRevokedEntries } from '../../../src/ca/revocation/revoked-entries.ts';
import type { RevokedCertificate } from '../../../src/ca/store/store.ts';

const REVOKED_AT = Date.UTC(2026, 0, 1);

function revoked(number: number, more: Partial<RevokedCertificate> = {}): RevokedCertificate {
  const serialNumber = (number + 0x1000).toString(16);
  const certificate = { serialNumber, issuerId: 'one', owner: undefined, notAfter: number };
  return { ...certificate, revokedAt: REVOKED_AT, reason: 'superseded', ...more };
}

function encoded(certificates: readonly RevokedCertificate[]): Buffer {
  const revokedAt = new Date(REVOKED_AT);
  return Buffer.concat(
    certificates.map(({ serialNumber, reason }) => encodeRevokedEntry({ serialNumber, revokedAt, reason })),
  );
}

test('entries stand in the order in which they came, each once', () => {
  const entries = createRevokedEntries();
  const all = Array.from({ length: 1000 }, (_, number) => revoked(number));
  for (const certificate of [...all, ...all]) entries.add(certificate);
  assert.equal(entries.size, 1000);
  assert.ok(encoded(all).equals(entries.joined()));
});

test('an entry from the time when the clock was ahead is dated now', () => {
  const entries = createRevokedEntries();
  const [early, late] = [revoked(1), revoked(2, { revokedAt: REVOKED_AT + 1000 })];
  for (const certificate of [early, late]) entries.add(certificate);
  entries.revokedBefore(REVOKED_AT);
  assert.ok(encoded([early, late]).equals(entries.joined()));
  assert.equal(entries.size, 2);
});

test('expired entries are left out, and others come behind what stays', () => {
  const entries = createRevokedEntries();
  const all = Array.from({ length: 10 }, (_, number) => revoked(number));
  for (const certificate of all) entries.add(certificate);
  entries.dropExpired(4);
  entries.add(revoked(20));
  assert.ok(encoded([...all.slice(4), revoked(20)]).equals(entries.joined()));
  assert.deepEqual(
    [entries.has(revoked(3).serialNumber), entries.has(revoked(4).serialNumber)],
    [false, true],
  );
});

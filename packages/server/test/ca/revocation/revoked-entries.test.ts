// The entries of a revocation list have the same octets as if all of them had been encoded at once.
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

/** The entries after these are committed. */
function entriesOf(...certificates: RevokedCertificate[]) {
  const entries = createRevokedEntries();
  for (const certificate of certificates) entries.with([certificate]).adopt();
  return entries;
}

test('entries are in the order in which they came, each once', () => {
  const all = Array.from({ length: 1000 }, (_, number) => revoked(number));
  const entries = entriesOf(...all, ...all);
  assert.equal(entries.size, 1000);
  assert.ok(encoded(all).equals(entries.with([]).joined));
  assert.ok(encoded(all).equals(createRevokedEntries().with([...all, ...all]).joined));
});

test('entries of a failed commit are not there, and others take their place', () => {
  const entries = entriesOf(revoked(1));
  const { joined } = entries.with([revoked(2), revoked(3)]);
  assert.ok(encoded([revoked(1), revoked(2), revoked(3)]).equals(joined));
  assert.deepEqual([entries.size, entries.has(revoked(2).serialNumber)], [1, false]);
  assert.ok(encoded([revoked(1), revoked(4)]).equals(entries.with([revoked(4)]).joined));
});

test('expired entries are removed, and new ones follow the others', () => {
  const all = Array.from({ length: 10 }, (_, number) => revoked(number));
  const entries = entriesOf(...all);
  entries.dropExpired(4);
  assert.ok(encoded([...all.slice(4), revoked(20)]).equals(entries.with([revoked(20)]).joined));
  assert.deepEqual(
    [entries.has(revoked(3).serialNumber), entries.has(revoked(4).serialNumber)],
    [false, true],
  );
});

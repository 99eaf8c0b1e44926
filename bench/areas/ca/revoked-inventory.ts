// Writes thousands of revoked certificates into the database of a data folder without a running server,
// because the admin API would take minutes. Uses only columns that older builds have too.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const DATABASE_FILE = 'gatehouse.db';
const SERIAL_OCTETS = 20;
const DAY_MS = 86_400_000;

/**
 * Adds `count` server certificates of the intermediate in force, each revoked and valid for a month. All have
 * the PEM of another certificate.
 */
export function revokeInStore(folder: string, count: number): void {
  const database = new DatabaseSync(join(folder, DATABASE_FILE));
  try {
    const issuer = database
      .prepare("SELECT id, certificate FROM ca_hierarchy WHERE role = 'intermediate' AND state = 'active'")
      .get();
    if (!issuer) throw new Error('the data folder has no intermediate');
    const insert = database.prepare(
      `INSERT INTO ca_certificates (serial_number, profile, names, not_before, not_after, issued_at, certificate, issuer_id, source,
         revoked_at, reason) VALUES (?, 'server', '["host.example.com"]', ?, ?, ?, ?, ?, 'admin', ?, 'superseded')`,
    );
    const now = Date.now();
    const [before, after, revoked] = [now - DAY_MS, now + 30 * DAY_MS, now - 1000];
    database.exec('BEGIN');
    for (let index = 0; index < count; index += 1) {
      insert.run(
        nextSerialNumber(),
        before,
        after,
        before,
        String(issuer.certificate),
        String(issuer.id),
        revoked,
      );
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

/** Like the server's own: 20 octets, the first below 0x80 and not 0. */
function nextSerialNumber(): string {
  const octets = randomBytes(SERIAL_OCTETS);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return octets.toString('hex');
}

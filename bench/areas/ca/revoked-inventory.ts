// Revoked certificates by the thousand, written with the server's own store into a data folder whose server does not run: what the
// admin API would take minutes for.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createCaStore } from '../../../packages/server/src/ca/store/store.ts';
import { openDatabase } from '../../../packages/server/src/platform/database.ts';

const DATABASE_FILE = 'gatehouse.db';
const SERIAL_OCTETS = 20;
const DAY_MS = 86_400_000;

/** Adds `count` server certificates of the intermediate in force, each revoked and valid for a month; their PEM is that of another. */
export async function revokeInStore(folder: string, count: number): Promise<void> {
  const database = openDatabase(join(folder, DATABASE_FILE));
  try {
    const store = createCaStore(database);
    const hierarchy = await store.hierarchy(database.read);
    const issuer = hierarchy.find(({ role, state }) => role === 'intermediate' && state === 'active');
    if (!issuer) throw new Error('the data folder has no intermediate');
    const now = Date.now();
    const common = {
      profile: 'server',
      names: ['host.example.com'],
      notBefore: now - DAY_MS,
      notAfter: now + 30 * DAY_MS,
      issuedAt: now - DAY_MS,
      pem: issuer.certificate ?? '',
      issuerId: issuer.id,
      owner: undefined,
      source: 'admin' as const,
      revokedAt: undefined,
      reason: undefined,
      warnAt: null,
    };
    await database.write(async (tx) => {
      for (let index = 0; index < count; index += 1) {
        const serialNumber = nextSerialNumber();
        await store.insertCertificate(tx, { ...common, serialNumber });
        await store.markRevoked(tx, serialNumber, { at: now - 1000, reason: 'superseded' });
      }
    });
  } finally {
    await database.close();
  }
}

/** As the server's own: 20 octets, the first below 0x80 and not 0. */
function nextSerialNumber(): string {
  const octets = randomBytes(SERIAL_OCTETS);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return octets.toString('hex');
}

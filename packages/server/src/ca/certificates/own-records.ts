// Records certificates that the server issues to itself. If the disk is full, the server must still start and
// answer. So it uses such a certificate at once, and records it when there is space. Clients get their
// certificates only after they are recorded.
import { isDiskFull } from '@gatehouse/access';
import type { Log } from '../../platform/log/log.ts';
import type { Database } from '../../platform/store/database.ts';
import type { InventoryDeps, OwnCertificate } from './inventory.ts';
import { recordOwn } from './inventory.ts';

export interface OwnRecords {
  /** Records the certificate. If the disk is full, it waits. */
  record(own: OwnCertificate): Promise<void>;
  /** The certificate with this serial number, while it waits. */
  waiting(serialNumber: string): OwnCertificate | undefined;
  /** Records the waiting certificates. Throws `store_full`. */
  recordWaiting(): Promise<void>;
}

export interface OwnRecordsDeps extends InventoryDeps {
  database: Database;
  log: Pick<Log, 'event'>;
}

export function createOwnRecords(deps: OwnRecordsDeps): OwnRecords {
  const waiting = new Map<string, OwnCertificate>();
  const write = (own: OwnCertificate) => deps.database.write((tx) => recordOwn(tx, deps, own));

  return {
    async record(own) {
      try {
        await write(own);
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        const { profile, certificate } = own;
        const { serialNumber } = certificate;
        waiting.set(serialNumber, own);
        deps.log.event('ca.record_waits', { profile, serialNumber });
      }
    },
    waiting: (serialNumber) => waiting.get(serialNumber),
    async recordWaiting() {
      for (const [serialNumber, own] of waiting) {
        await write(own);
        waiting.delete(serialNumber);
      }
    },
  };
}

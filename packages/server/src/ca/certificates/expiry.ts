// Warns about certificates that expire soon and were not renewed: in the log, and in the ledger once for
// each.
import type { Clock } from '@gatehouse/access';
import type { Events } from '../../platform/feed/events.ts';
import type { Job } from '../../platform/jobs/jobs.ts';
import type { Log } from '../../platform/log/log.ts';
import type { Database } from '../../platform/store/database.ts';
import { expiringEvent } from '../events.ts';
import type { CaStore, StoredCertificate } from '../store/store.ts';

export interface ExpiryDeps {
  database: Database;
  store: CaStore;
  events: Events;
  clock: Clock;
  log: Pick<Log, 'event'>;
}

const INTERVAL_SECONDS = 60;

export function expiryWarnings({ database, store, events, clock, log }: ExpiryDeps): Job {
  async function warn(certificate: StoredCertificate): Promise<void> {
    const { serialNumber, profile, names, owner } = certificate;
    const notAfter = new Date(certificate.notAfter);
    const due = !(await store.isReplaced(database.read, certificate));
    await database.write(async (tx) => {
      await store.settleWarning(tx, serialNumber);
      if (due) await events.publish(tx, expiringEvent({ serialNumber, profile, names, notAfter }));
    });
    if (due) log.event('ca.certificate_ends', { serialNumber, profile, names, owner, notAfter });
  }

  return {
    name: 'warn about certificates that expire soon',
    intervalSeconds: INTERVAL_SECONDS,
    async run() {
      for (const certificate of await store.dueForWarning(database.read, clock.now()))
        await warn(certificate);
    },
  };
}

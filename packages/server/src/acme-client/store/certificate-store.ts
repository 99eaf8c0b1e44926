// The store of certificates from ACME directories, with their keys sealed in the key store. So a restart
// needs no new orders.
import type { Clock } from '@gatehouse/access';
import { readCertificate } from '@gatehouse/x509';
import type { DomainEvent, Events } from '../../platform/feed/events.ts';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import type { Database } from '../../platform/store/database.ts';
import type { StoredOrder } from './store.ts';
import { deleteOrder, readOrders, writeOrder } from './store.ts';

/** An order with the key of its certificate. */
export interface KnownOrder extends StoredOrder {
  /** PEM; undefined before the first certificate. */
  privateKey: string | undefined;
}

export interface CertificateStore {
  /** Returns everything that is stored. Removes certificates that ended long ago. */
  open(): Promise<KnownOrder[]>;
  /** Replaces the stored certificate and its key, and records the event. */
  saveCertificate(order: KnownOrder, event: DomainEvent): Promise<void>;
  /** Stores everything except the key. */
  save(order: StoredOrder, event?: DomainEvent): Promise<void>;
}

export interface CertificateStoreDeps {
  database: Database;
  keyStore: Pick<KeyStore, 'load' | 'seal' | 'remove'>;
  events: Pick<Events, 'publish'>;
  clock: Pick<Clock, 'now'>;
}

const FORGOTTEN_AFTER_MS = 30 * 86_400_000;

export function createCertificateStore(deps: CertificateStoreDeps): CertificateStore {
  const { database, keyStore, events, clock } = deps;

  async function known(order: StoredOrder): Promise<KnownOrder> {
    const octets = order.certificateChain === undefined ? undefined : await keyStore.load(keyName(order));
    const privateKey = octets && Buffer.from(octets).toString('utf8');
    // Without its key, a certificate cannot be used.
    return {
      ...order,
      privateKey,
      certificateChain: privateKey === undefined ? undefined : order.certificateChain,
    };
  }

  function isLongOver({ certificateChain }: StoredOrder): boolean {
    if (certificateChain === undefined) return false;
    return readCertificate(leafOf(certificateChain)).notAfter.getTime() < clock.now() - FORGOTTEN_AFTER_MS;
  }

  return {
    async open() {
      const stored = await readOrders(database.read);
      const over = stored.filter(isLongOver);
      if (over.length > 0) {
        await database.write(async (tx) => {
          for (const order of over) {
            await deleteOrder(tx, order.id);
            await keyStore.remove(tx, keyName(order));
          }
        });
      }
      return Promise.all(stored.filter((order) => !over.includes(order)).map(known));
    },
    async saveCertificate({ privateKey = '', ...order }, event) {
      const storeKey = await keyStore.seal(keyName(order), Buffer.from(privateKey, 'utf8'));
      await database.write(async (tx) => {
        await keyStore.remove(tx, keyName(order));
        await storeKey(tx);
        await writeOrder(tx, order);
        await events.publish(tx, event);
      });
    },
    async save(order, event) {
      await database.write(async (tx) => {
        await writeOrder(tx, order);
        if (event) await events.publish(tx, event);
      });
    },
  };
}

/** The first certificate of a chain in PEM. */
export function leafOf(certificateChain: string): string {
  const end = '-----END CERTIFICATE-----\n';
  return certificateChain.slice(0, certificateChain.indexOf(end) + end.length);
}

function keyName({ id }: Pick<StoredOrder, 'id'>): string {
  return `acme-client/certificate/${id}`;
}

// Keys that somebody else is known to have: a certificate was revoked for keyCompromise. None is certified again.
import { hash } from 'node:crypto';
import { readCertificate } from '@gatehouse/x509';
import type { Tx } from '../../platform/database.ts';
import type { CaStore } from '../store/store.ts';

export interface CompromisedKeys {
  has(spki: Uint8Array): boolean;
  /** Keeps the key of a certificate (PEM), in the transaction that revokes it. */
  add(tx: Tx, pem: string): Promise<void>;
}

export async function openCompromisedKeys(store: CaStore): Promise<CompromisedKeys> {
  const known = new Set(await store.compromisedKeys());
  return {
    has: (spki) => known.size > 0 && known.has(digestOf(spki)),
    async add(tx, pem) {
      const digest = digestOf(readCertificate(pem).spki);
      await store.insertCompromisedKey(tx, digest);
      // Even where the act is undone after all: whoever said so may be right.
      known.add(digest);
    },
  };
}

function digestOf(spki: Uint8Array): string {
  return hash('sha256', spki, 'hex');
}

// Compromised keys: one of their certificates was revoked for keyCompromise. They are never certified again.
import { hash } from 'node:crypto';
import { readCertificate } from '@gatehouse/x509';
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { CaStore } from '../store/store.ts';
import { refused } from './profiles.ts';

type KeyStore = Pick<CaStore, 'isCompromised' | 'insertCompromisedKey'>;

/** Throws `certificate_refused` for a compromised key (SPKI in DER). Reads by `connection`. */
export async function requireUncompromised(
  connection: Connection,
  store: KeyStore,
  spki: Uint8Array,
): Promise<void> {
  if (!(await store.isCompromised(connection, digestOf(spki)))) return;
  throw refused('the key of the request is compromised: create a new one');
}

/** Stores the key of a certificate (PEM), in the transaction that revokes it. */
export async function addCompromisedKey(tx: Tx, store: KeyStore, pem: string): Promise<void> {
  await store.insertCompromisedKey(tx, digestOf(readCertificate(pem).spki));
}

function digestOf(spki: Uint8Array): string {
  return hash('sha256', spki, 'hex');
}

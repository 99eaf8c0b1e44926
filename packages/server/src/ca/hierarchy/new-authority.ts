// A new authority: its key, sealed in the key store, and its certificate, stored and recorded in one act.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import type { IssuedCertificate, PrivateKeyType, Signer } from '@gatehouse/x509';
import {
  createIssuer,
  encodePrivateKey,
  encodeSpki,
  generatePrivateKey,
  intermediateProfile,
  keyIdentifier,
  readCertificate,
  rootProfile,
  selfSignCertificate,
  signerFromKey,
} from '@gatehouse/x509';
import type { Events } from '../../platform/feed/events.ts';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import { AUTHORITY_BACKDATE_MS } from '../backdate.ts';
import { recordOwn } from '../certificates/inventory.ts';
import type { CaStore } from '../store/store.ts';
import type { CaSettings } from '../types.ts';
import type { Authority } from './hierarchy.ts';
import { hasHierarchy, keyNameOf } from './hierarchy.ts';
import { createInspection } from './lint.ts';
import type { PublicationUrls } from './publication.ts';
import { intermediateSubject, rootSubject } from './subjects.ts';

export interface AuthoritiesDeps {
  database: Database;
  store: CaStore;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
  urls: PublicationUrls;
}

export interface NewKey {
  id: string;
  signer: Signer;
  /** Stores the sealed key. */
  store(tx: Tx): Promise<void>;
}

export async function createKey({ keyStore }: AuthoritiesDeps, type: PrivateKeyType): Promise<NewKey> {
  const privateKey = generatePrivateKey(type);
  const id = authorityId(encodeSpki(createPublicKey(privateKey)));
  const store = await keyStore.seal(keyNameOf(id), Buffer.from(encodePrivateKey(privateKey)));
  return { id, signer: signerFromKey(privateKey), store };
}

/** Hex of the key identifier (RFC 7093 §2, method 1). */
export function authorityId(spki: Uint8Array): string {
  return Buffer.from(keyIdentifier(spki)).toString('hex');
}

/** Creates the hierarchy if there is none. Of several starts at once, the first creates it. */
export async function ensureHierarchy(deps: AuthoritiesDeps, settings: CaSettings): Promise<void> {
  const { database, store } = deps;
  if (await hasHierarchy(database.read, store)) return;
  const notBefore = new Date(authorityBegin(deps.clock.now(), settings.rootLifetime));
  const root = await createKey(deps, settings.keyType);
  const rootCertificate = selfSignCertificate(
    {
      profile: rootProfile(),
      subject: rootSubject(settings.name),
      notBefore,
      notAfter: new Date(notBefore.getTime() + settings.rootLifetime * 1000),
    },
    { signer: root.signer, randomBytes, inspect: createInspection() },
  );
  const intermediate = await createKey(deps, settings.keyType);
  const certificate = issueIntermediate(deps, settings, {
    root: {
      id: root.id,
      signer: root.signer,
      pem: rootCertificate.pem,
      notBefore,
      notAfter: rootCertificate.notAfter,
    },
    publicKey: intermediate.signer.publicKey,
  });
  await database.write(async (tx) => {
    if (await hasHierarchy(tx, store)) return;
    await storeAuthority(tx, deps, {
      key: root,
      certificate: rootCertificate,
      role: 'root',
      issuerId: root.id,
    });
    await storeAuthority(tx, deps, {
      key: intermediate,
      certificate,
      role: 'intermediate',
      issuerId: root.id,
    });
  });
}

interface RootKey extends Pick<Authority, 'id' | 'pem'> {
  signer: Signer;
  notBefore: Date;
  notAfter: Date;
}

export function issueIntermediate(
  { clock, urls }: AuthoritiesDeps,
  settings: CaSettings,
  { root, publicKey }: { root: RootKey; publicKey: Uint8Array },
): IssuedCertificate {
  const begin = authorityBegin(clock.now(), settings.intermediateLifetime);
  const notBefore = Math.max(begin, root.notBefore.getTime());
  const issuer = createIssuer({
    certificate: root.pem,
    signer: root.signer,
    randomBytes,
    inspect: createInspection(readCertificate(root.pem)),
  });
  const notAfter = notBefore + settings.intermediateLifetime * 1000;
  return issuer.issue({
    profile: intermediateProfile(urls.of(root.id, { ocsp: false })),
    subject: intermediateSubject(settings.name),
    publicKey,
    notBefore: new Date(notBefore),
    notAfter: new Date(Math.min(notAfter, root.notAfter.getTime())),
  });
}

interface NewAuthority {
  key: NewKey;
  certificate: IssuedCertificate;
  role: Authority['role'];
  issuerId: string;
}

export async function storeAuthority(
  tx: Tx,
  deps: AuthoritiesDeps,
  { key, certificate, role, issuerId }: NewAuthority,
): Promise<void> {
  await key.store(tx);
  await deps.store.insertAuthority(tx, {
    id: key.id,
    role,
    state: 'active',
    certificate: certificate.pem,
    key_name: keyNameOf(key.id),
    created_at: deps.clock.now(),
  });
  await recordOwn(tx, deps, { certificate, profile: role, issuerId });
}

/** The start date in the certificate of an authority that is created at `now`. */
function authorityBegin(now: number, lifetimeSeconds: number): number {
  return now - Math.min(AUTHORITY_BACKDATE_MS, lifetimeSeconds * 100);
}

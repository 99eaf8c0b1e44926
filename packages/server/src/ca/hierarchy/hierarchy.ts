// The hierarchy: the roots that clients trust, the intermediates that sign, and which of them is in force.
// Retired ones stay while a certificate that they signed is still valid, and answer for it.
import { randomBytes } from 'node:crypto';
import { GatehouseError } from '@gatehouse/access';
import type { Issuer, ParsedCertificate, Signer } from '@gatehouse/x509';
import { createIssuer, decodePrivateKey, readCertificate, signerFromKey } from '@gatehouse/x509';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import type { Connection } from '../../platform/store/database.ts';
import type { CaStore, HierarchyRow } from '../store/store.ts';
import type { AuthorityRole, AuthorityState } from '../types.ts';
import { createInspection } from './lint.ts';

export interface Authority {
  /** Hex of its key identifier (RFC 7093 §2, method 1). */
  id: string;
  role: AuthorityRole;
  state: AuthorityState;
  pem: string;
  certificate: ParsedCertificate;
  /** Undefined if the key is stored elsewhere. */
  signer: Signer | undefined;
}

export interface Intermediate extends Authority {
  signer: Signer;
}

export interface Hierarchy {
  /** The one in force first; never empty. */
  roots: readonly [Authority, ...Authority[]];
  /** The one in force first; never empty. */
  intermediates: readonly [Intermediate, ...Intermediate[]];
  /** Signs with the intermediate in force. */
  issuer: Issuer;
  /** Every root, PEM, the one in force first. */
  rootsPem: string;
}

export interface HierarchyDeps {
  store: CaStore;
  keyStore: KeyStore;
}

/** Whether the database has a hierarchy. Throws `database_incomplete` if a part of it is missing. */
export async function hasHierarchy(connection: Connection, store: CaStore): Promise<boolean> {
  const rows = await store.hierarchy(connection);
  if (rows.some((row) => row.certificate !== null)) return true;
  // The inventory shows that there was a hierarchy. A new one must not replace it unnoticed.
  if (await store.hasCertificates(connection)) throw incomplete('the certificates of the authority');
  return false;
}

/** The hierarchy in the database. Throws `database_incomplete` if a part of it is missing. */
export async function loadHierarchy(
  connection: Connection,
  { store, keyStore }: HierarchyDeps,
  now: number,
): Promise<Hierarchy> {
  const rows = (await store.hierarchy(connection)).filter((row) => row.certificate !== null);
  const inUse = await store.issuersInUse(connection, now);
  const authorities = await Promise.all(rows.map((row) => readAuthority(keyStore, row)));
  const intermediates = inForceFirst(
    authorities.filter(isIntermediate).filter(({ id, state }) => state === 'active' || inUse.has(id)),
  );
  const roots = inForceFirst(
    authorities.filter(
      (root) =>
        root.role === 'root' &&
        (root.state === 'active' || intermediates.some((intermediate) => isIssuedBy(intermediate, root))),
    ),
  );
  return hierarchyOf(roots, intermediates);
}

export function isIssuedBy({ certificate }: Authority, issuer: Authority): boolean {
  const { subjectKeyIdentifier, subject } = issuer.certificate;
  return (
    Buffer.compare(certificate.issuer.der, subject.der) === 0 &&
    (certificate.authorityKeyIdentifier === undefined ||
      certificate.authorityKeyIdentifier === subjectKeyIdentifier)
  );
}

/** The name of an authority's key in the key store. */
export function keyNameOf(id: string): string {
  return `ca/authority/${id}`;
}

export function signerFromPem(pem: Uint8Array): Signer {
  return signerFromKey(decodePrivateKey(Buffer.from(pem).toString('utf8')));
}

function hierarchyOf(roots: Authority[], intermediates: Intermediate[]): Hierarchy {
  const [root, ...otherRoots] = roots;
  const [intermediate, ...otherIntermediates] = intermediates;
  if (!root) throw incomplete('the root of the authority');
  if (!intermediate) throw incomplete('the intermediate of the authority');
  const { pem, signer, certificate } = intermediate;
  const above = roots.find((each) => isIssuedBy(intermediate, each)) ?? root;
  return {
    roots: [root, ...otherRoots],
    intermediates: [intermediate, ...otherIntermediates],
    issuer: createIssuer({
      certificate: pem,
      // The name constraints of the root apply, too (RFC 5280 §4.2.1.10).
      chain: above.pem,
      signer,
      randomBytes,
      inspect: createInspection(certificate),
    }),
    rootsPem: roots.map(({ pem }) => pem).join(''),
  };
}

async function readAuthority(keyStore: KeyStore, row: HierarchyRow): Promise<Authority> {
  const { id, role, state, certificate } = row;
  const pem = certificate ?? '';
  const key = row.key_name === null ? undefined : await keyStore.load(row.key_name);
  if (row.key_name !== null && !key) throw incomplete(`the key of the authority ${id}`);
  return { id, role, state, pem, certificate: readCertificate(pem), signer: key && signerFromPem(key) };
}

export function incomplete(what: string): GatehouseError {
  return new GatehouseError(
    'database_incomplete',
    `The database has lost ${what}: restore the data folder from your backup.`,
  );
}

function isIntermediate(authority: Authority): authority is Intermediate {
  return authority.role === 'intermediate' && authority.signer !== undefined;
}

function inForceFirst<A extends Authority>(authorities: A[]): A[] {
  return authorities.toSorted((a, b) => Number(b.state === 'active') - Number(a.state === 'active'));
}

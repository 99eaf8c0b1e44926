// The certificate authority: the hierarchy, the certificate of our own listeners, certificates for others,
// and the public answers for relying parties.
import { generateKeyPairSync } from 'node:crypto';
import type { Clock, Owner, ServerIdentity } from '@gatehouse/access';
import { spkiFingerprint } from '@gatehouse/x509';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { DataFolder } from '../platform/data-folder/data-folder.ts';
import type { Events } from '../platform/feed/events.ts';
import type { Feed } from '../platform/feed/feed.ts';
import type { Route } from '../platform/http/route.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import type { KeyStore } from '../platform/keys/key-store.ts';
import type { RoleWarnings } from '../platform/known-roles.ts';
import type { Log } from '../platform/log/log.ts';
import type { Connection, Database } from '../platform/store/database.ts';
import type { Owners } from './certificates/admin-routes.ts';
import { certificateRoutes } from './certificates/admin-routes.ts';
import type { Certificates } from './certificates/certificates.ts';
import { createCertificates } from './certificates/certificates.ts';
import { expiryWarnings } from './certificates/expiry.ts';
import { createOwnRecords } from './certificates/own-records.ts';
import { revokeOfRemoved } from './certificates/owner-removal.ts';
import { renewalRoute } from './certificates/renewal-route.ts';
import { openAuthorities } from './hierarchy/authorities.ts';
import type { Authority } from './hierarchy/hierarchy.ts';
import { hierarchyRoutes } from './hierarchy/hierarchy-routes.ts';
import { createPublicationUrls } from './hierarchy/publication.ts';
import { warnOfUseless } from './hierarchy/useless-warning.ts';
import { createListening } from './listening/listening.ts';
import type { ServerCertificate } from './listening/server-certificate.ts';
import type { SigningCertificate } from './listening/signing-certificate.ts';
import { createSigningCertificate } from './listening/signing-certificate.ts';
import { caMetrics } from './metrics.ts';
import { createOcsp } from './revocation/ocsp.ts';
import { publicRoutes } from './revocation/public-routes.ts';
import { openRevocationLists } from './revocation/revocation-lists.ts';
import type { CaSections } from './sections.ts';
import { createCaSections, sweepExpired } from './sections.ts';
import { caSettings } from './settings.ts';
import { caMigrations } from './store/migrations.ts';
import { createCaStore } from './store/store.ts';
import type { CaSettings } from './types.ts';

export type { Certificates } from './certificates/certificates.ts';
export type { NameRules } from './certificates/name-rules.ts';
export { createNameRules } from './certificates/name-rules.ts';
export { removedOwner } from './certificates/owner-removal.ts';
export type {
  CertificateEntry,
  IssuedCertificate,
  PresentedCertificate,
} from './certificates/presentation.ts';
export type { SignedCertificate, SigningOrder } from './certificates/signing.ts';
export type { AuthorityView, HierarchyView } from './hierarchy/hierarchy-routes.ts';
export type { ServerCertificate } from './listening/server-certificate.ts';
export type { SigningCertificate, SigningIdentity } from './listening/signing-certificate.ts';
export type { CaSections, ClientIssuer } from './sections.ts';
export { caChecks } from './settings-checks.ts';
export type { ClientCertificateFacts } from './store/store.ts';
export type { CaSettings, Certificate } from './types.ts';

export interface CaDeps {
  database: Database;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
  log: Pick<Log, 'event'>;
  owners: Owners & {
    /** Whether the owner exists and is not disabled. Reads by `connection`. */
    isActive(connection: Connection, owner: Owner): Promise<boolean>;
  };
  roleWarnings: RoleWarnings;
  urls: {
    /** The public URL of the PKI listener, without a slash at the end. */
    pki: string;
    acmeDirectory: string;
  };
  /** Names of our listeners besides `ca.names`. Names that the authority may not certify are left out. */
  listenerNames: readonly string[];
  /** Writes the roots, in PEM, to the place where clients find them. */
  writeRoots(rootsPem: string): void;
  feed: Feed;
}

export interface Ca extends Capability {
  /** Every root, PEM, the one in force first. */
  roots(): string;
  /** `sha256/` and the base64 of the SHA-256 of the SPKI of the root in force. */
  rootFingerprint(): string;
  serverCertificate(): ServerCertificate;
  /** The certificate of the key that signs the offers of encrypted endpoints. */
  signing: Pick<SigningCertificate, 'use' | 'current' | 'onChange'>;
  certificates: Certificates;
  profiles: CaSettings['profiles'];
  sections: CaSections;
  /**
   * The certificate of our listeners, and the authorities for client certificates: `default` in the section
   * `tls`.
   */
  listenerIdentity(): ServerIdentity;
  jobs: Job[];
  /** The routes over plain HTTP, for anyone. All their answers are signed (RFC 5280 §8). */
  publicRoutes: Route[];
  /** On the control listener. */
  routes: Route[];
}

/** In the data folder. */
export const ROOT_FILE = 'root.pem';

type CaNeeds = CapabilityDeps & { identity: Pick<CaDeps, 'owners' | 'roleWarnings'> };

export const caCapability: CapabilityKind<'ca', typeof caSettings, CaNeeds, Ca> = {
  name: 'ca',
  migrations: caMigrations,
  settings: caSettings,
  create({ folder, identity, ...deps }, settings) {
    const urls = { pki: deps.urls.pki, acmeDirectory: `${deps.urls.control}/acme/directory` };
    const writeRoots = (rootsPem: string) => writeRootFile(folder, rootsPem);
    const { owners, roleWarnings } = identity;
    return createCa({ ...deps, urls, writeRoots, owners, roleWarnings }, settings);
  },
};

function generateSigningKey(): Uint8Array {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}

/** Writes them only if they have changed, so that a full disk does not prevent the start. */
function writeRootFile(folder: DataFolder, rootsPem: string): void {
  if (folder.read(ROOT_FILE) !== rootsPem) folder.write(ROOT_FILE, rootsPem, 0o644);
}

export async function createCa(deps: CaDeps, settings: CaSettings): Promise<Ca> {
  const { clock, feed, owners, roleWarnings, database } = deps;
  const store = createCaStore(deps.database);
  const urls = createPublicationUrls(deps.urls.pki);
  const authorities = await openAuthorities({ ...deps, store, urls }, settings);
  warnOfUseless(deps, authorities.current(), settings);
  const ownRecords = createOwnRecords({ ...deps, store });
  const ocsp = createOcsp({ ...deps, store, authorities, ownRecords }, settings);
  const lists = await openRevocationLists({ ...deps, store, authorities }, settings);
  const projections = [authorities.projection, ...ocsp.projections];
  const isRevoked = ({ certificate }: Authority) => lists.isRevoked(certificate.serialNumber);
  const sections = createCaSections({ ...deps, store, authorities, isRevoked });
  const refreshHierarchy = async () => {
    // Runs in the feed's turn. Otherwise it could overwrite a rotation with older data.
    await feed.rebuild(authorities.projection);
    await feed.alter(sections.issuers.refresh);
  };
  const signing = createSigningCertificate(
    { ...deps, authorities, ownRecords, urls, generateKey: generateSigningKey },
    settings,
  );
  const listening = createListening(
    { ...deps, signing, authorities, ownRecords, ocsp, lists, urls, refreshHierarchy, present },
    settings,
  );
  const certificates = createCertificates(
    {
      ...deps,
      store,
      authorities,
      urls,
      revoked: listening.afterRevocation,
    },
    settings,
  );
  revokeOfRemoved({ ...deps, store });
  const now = () => clock.now();
  deps.writeRoots(authorities.current().rootsPem);

  async function present(): Promise<void> {
    try {
      await feed.alter(() => sections.tls.put('default', listenerIdentity()));
    } catch (error) {
      sections.tls.markChanged();
      throw error;
    }
  }

  function listenerIdentity(): ServerIdentity {
    const { intermediates, rootsPem } = authorities.current();
    const relied = intermediates.filter((intermediate) => !isRevoked(intermediate));
    const clientRoots = rootsPem + relied.map(({ pem }) => pem).join('');
    return { ...listening.certificate().identity, clientRoots };
  }

  return {
    roots: () => authorities.current().rootsPem,
    rootFingerprint: () => spkiFingerprint(authorities.current().roots[0].certificate).pin,
    serverCertificate: listening.certificate,
    signing,
    certificates,
    profiles: settings.profiles,
    sections,
    listenerIdentity,
    projections,
    metrics: caMetrics({ authorities, lists, listening }),
    open: listening.open,
    jobs: [listening.renewal, expiryWarnings({ ...deps, store }), sweepExpired(sections, feed, clock)],
    publicRoutes: publicRoutes({ authorities, lists, ocsp }),
    routes: [
      ...certificateRoutes({ certificates, owners, roleWarnings, now }),
      ...hierarchyRoutes({
        authorities,
        urls,
        acmeDirectory: deps.urls.acmeDirectory,
        isRevoked: lists.isRevoked,
        hierarchyChanged: listening.hierarchyChanged,
      }),
      renewalRoute({ certificates, now, isActive: (owner) => owners.isActive(database.read, owner) }),
    ],
  };
}

// The certificate authority: the hierarchy, the certificate of our own listeners, certificates for others, and what relying
// parties ask of it.

import { spkiFingerprint } from '@gatehouse/x509';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Events } from '../platform/events.ts';
import type { Route } from '../platform/http/route.ts';
import type { Job } from '../platform/jobs.ts';
import type { KeyStore } from '../platform/key-store.ts';
import type { Log } from '../platform/log.ts';
import type { Owner } from '../platform/principal.ts';
import type { Owners } from './certificates/admin-routes.ts';
import { certificateRoutes } from './certificates/admin-routes.ts';
import type { Certificates } from './certificates/certificates.ts';
import { createCertificates } from './certificates/certificates.ts';
import { openCompromisedKeys } from './certificates/compromised-keys.ts';
import { expiryWarnings } from './certificates/expiry.ts';
import { followRemovals } from './certificates/owner-removal.ts';
import { renewalRoute } from './certificates/renewal-route.ts';
import type { Authorities } from './hierarchy/authorities.ts';
import { openAuthorities } from './hierarchy/authorities.ts';
import type { Authority } from './hierarchy/hierarchy.ts';
import { hierarchyRoutes } from './hierarchy/hierarchy-routes.ts';
import { createPublicationUrls } from './hierarchy/publication.ts';
import { openListening } from './listening/listening.ts';
import type { ServerCertificate } from './listening/server-certificate.ts';
import { createOcsp } from './revocation/ocsp.ts';
import { publicRoutes } from './revocation/public-routes.ts';
import type { RevocationLists } from './revocation/revocation-lists.ts';
import { openRevocationLists } from './revocation/revocation-lists.ts';
import { createCaStore } from './store/store.ts';
import type { CaSettings } from './types.ts';

export type { Owner } from '../platform/principal.ts';
export type { Certificates, SignedCertificate, SigningOrder } from './certificates/certificates.ts';
export type { NameRules } from './certificates/name-rules.ts';
export { createNameRules } from './certificates/name-rules.ts';
export { removedOwner } from './certificates/owner-removal.ts';
export type { ServerCertificate } from './listening/server-certificate.ts';
export { caMigrations } from './store/migrations.ts';
export type { CaSettings, Certificate } from './types.ts';

export interface CaDeps {
  database: Database;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
  log: Pick<Log, 'warn'>;
  owners: Owners & {
    /** Whether the owner was neither removed nor disabled. */
    isActive(owner: Owner): Promise<boolean>;
  };
  urls: {
    /** The public URL of the PKI listener, without a slash at the end. */
    pki: string;
    acmeDirectory: string;
  };
  /** Keeps the roots, PEM, where clients find them. */
  keepRoots(rootsPem: string): void;
  /** Resolves when every listener presents the new certificate and knows what was revoked. */
  changed(): Promise<void>;
}

export interface ClientIssuer {
  /** In DER. */
  spki: Uint8Array;
  isRevoked: boolean;
}

/** What a gateway's worker needs to judge client certificates. Plain data: it crosses to worker threads. */
export interface CaSnapshot {
  /** Roots and intermediates, PEM. */
  clientRoots: string;
  /**
   * Who signs for clients, by key identifier in hex. A root that is kept elsewhere may have other authorities below it, who
   * speak for nobody here.
   */
  clientIssuers: Map<string, ClientIssuer>;
  /** Serial numbers of client certificates that were revoked and have not expired. */
  revoked: Set<string>;
}

export interface Ca {
  /** Every root, PEM, the one in force first. */
  roots(): string;
  /** `sha256/` and the base64 of the SHA-256 of the SPKI of the root in force. */
  rootFingerprint(): string;
  serverCertificate(): ServerCertificate;
  certificates: Certificates;
  /** Of now: also what was revoked because its owner was removed. */
  trust(): Promise<CaSnapshot>;
  jobs: Job[];
  /** What anyone may fetch over plain HTTP (RFC 5280 §8: these protect themselves). */
  publicRoutes: Route[];
  /** On the control listener. */
  routes: Route[];
}

export async function createCa(deps: CaDeps, settings: CaSettings): Promise<Ca> {
  const { clock, changed, owners } = deps;
  const store = createCaStore(deps.database);
  const urls = createPublicationUrls(deps.urls.pki);
  const authorities = await openAuthorities({ ...deps, store, urls }, settings);
  const ocsp = createOcsp({ ...deps, store, authorities }, settings);
  const lists = await openRevocationLists({ ...deps, store, authorities }, settings);
  const listening = await openListening({ ...deps, store, authorities, ocsp, lists, urls }, settings);
  const certificates = createCertificates(
    {
      ...deps,
      store,
      authorities,
      urls,
      compromisedKeys: await openCompromisedKeys(store),
      async revoked(certificate, crlNumber) {
        ocsp.forget(certificate.serialNumber);
        await lists.add(certificate, crlNumber);
        await listening.reissueIfRevoked();
        await changed();
      },
    },
    settings,
  );
  const removals = followRemovals({ ...deps, store });
  const now = () => clock.now();
  deps.keepRoots(authorities.current().rootsPem);

  return {
    roots: () => authorities.current().rootsPem,
    rootFingerprint: () => spkiFingerprint(authorities.current().roots[0].certificate).pin,
    serverCertificate: listening.certificate,
    certificates,
    async trust() {
      if (removals.outstanding().length > 0) {
        for (const serialNumber of removals.outstanding()) ocsp.forget(serialNumber);
        await lists.reload();
        removals.settle(lists.isRevoked);
      }
      return snapshot(authorities, lists);
    },
    jobs: [listening.renewal, expiryWarnings({ ...deps, store })],
    publicRoutes: publicRoutes({ authorities, lists, ocsp }),
    routes: [
      ...certificateRoutes({ certificates, owners, changed, now }),
      ...hierarchyRoutes({
        authorities,
        urls,
        acmeDirectory: deps.urls.acmeDirectory,
        isRevoked: lists.isRevoked,
        hierarchyChanged: listening.hierarchyChanged,
      }),
      renewalRoute({ certificates, now, isActive: owners.isActive }),
    ],
  };
}

function snapshot(authorities: Authorities, lists: RevocationLists): CaSnapshot {
  const { intermediates, rootsPem } = authorities.current();
  const isRevoked = ({ certificate }: Authority) => lists.isRevoked(certificate.serialNumber);
  const relied = intermediates.filter((intermediate) => !isRevoked(intermediate));
  return {
    clientRoots: rootsPem + relied.map(({ pem }) => pem).join(''),
    clientIssuers: new Map(
      intermediates.map((intermediate) => [
        intermediate.certificate.subjectKeyIdentifier ?? intermediate.id,
        { spki: intermediate.certificate.spki, isRevoked: isRevoked(intermediate) },
      ]),
    ),
    revoked: lists.owned(),
  };
}

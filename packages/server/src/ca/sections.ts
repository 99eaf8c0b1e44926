// The certificate authority's data in the gateway's workers: the client certificates of the inventory, and
// their issuers.
import type { ChallengeIdentity, Clock, NamedIdentity, ServerIdentity } from '@gatehouse/access';
import type { Feed, Section } from '../platform/feed/feed.ts';
import type { OwnSection, TableSection } from '../platform/feed/section.ts';
import { createDerivedSection, createOwnSection, createTableSection } from '../platform/feed/section.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import type { Database } from '../platform/store/database.ts';
import { isHierarchyChange, isIssue, isRevocation } from './events.ts';
import type { Authorities } from './hierarchy/authorities.ts';
import type { Authority } from './hierarchy/hierarchy.ts';
import type { CaStore, ClientCertificateFacts } from './store/store.ts';

export interface ClientIssuer {
  /** In DER. */
  spki: Uint8Array;
  isRevoked: boolean;
}

export type CaSections = {
  /** By serial number in lower-case hex. A certificate that is not here is refused. */
  certificates: TableSection<ClientCertificateFacts>;
  /**
   * The issuers of client certificates, by key identifier in hex. A root that is stored elsewhere may have
   * other authorities below it. Their certificates are not accepted here.
   */
  issuers: Section<ClientIssuer> & { refresh(): void };
  /**
   * The certificates of the listeners. `default` is our own, whose key is never written to disk. The gateway
   * adds certificates from files and from ACME directories.
   */
  tls: OwnSection<ServerIdentity | NamedIdentity | ChallengeIdentity>;
};

export interface CaSectionsDeps {
  database: Database;
  store: CaStore;
  clock: Clock;
  authorities: Pick<Authorities, 'current'>;
  isRevoked(authority: Authority): boolean;
}

export function createCaSections(deps: CaSectionsDeps): CaSections {
  const { database, store, clock, authorities, isRevoked } = deps;
  return {
    certificates: createTableSection<ClientCertificateFacts>(database, {
      name: 'certificates',
      touches: (event) => (isIssue(event) || isRevocation(event) ? [event.subject ?? ''] : []),
      row: (connection, serialNumber) => store.clientCertificate(connection, serialNumber),
      page: (connection, after, limit) =>
        store.clientCertificatesAfter(connection, { after, limit, now: clock.now() }),
    }),
    issuers: createDerivedSection<ClientIssuer>({
      name: 'issuers',
      touches: (event) => isHierarchyChange(event) || isRevocation(event),
      entries: () =>
        authorities
          .current()
          .intermediates.map((intermediate) => [
            intermediate.certificate.subjectKeyIdentifier ?? intermediate.id,
            { spki: intermediate.certificate.spki, isRevoked: isRevoked(intermediate) },
          ]),
    }),
    tls: createOwnSection<ServerIdentity | NamedIdentity | ChallengeIdentity>('tls', []),
  };
}

const SWEEP_INTERVAL_SECONDS = 3600;
// A certificate that has only expired was valid for its running requests.
const EXPIRED_FOR_MS = 86_400_000;

/** Removes expired certificates. If the clock was set back, restores those that are not expired. */
export function sweepExpired({ certificates }: CaSections, feed: Feed, clock: Clock): Job {
  let sweptAt = clock.now();
  return {
    name: 'remove expired client certificates from memory',
    intervalSeconds: SWEEP_INTERVAL_SECONDS,
    async run() {
      const now = clock.now();
      if (now < sweptAt) await feed.rebuild(certificates);
      sweptAt = now;
      await feed.alter(() => certificates.sweep(({ notAfter }) => notAfter < now - EXPIRED_FOR_MS));
    },
  };
}

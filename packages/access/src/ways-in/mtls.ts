// Client certificates (docs/wire/client-certificate.md). One of our issuers must have signed the certificate.
// It must be valid now, in the inventory and not revoked, and its owner must still exist. Every request
// checks this again, because it may change while a connection is open.
import type { Clock } from '../clock.ts';
import type { ClientCertificate, PresentedCertificate } from '../credentials/client-certificate.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Owner, Principal } from '../principals/principal.ts';
import type { Principals, ServiceFacts, UserFacts } from '../principals/principals.ts';
import { withFacts } from '../principals/with-facts.ts';
import type { WayIn } from './way-in.ts';

/** The data from the certificate authority for this way in. The maps change during use. */
export interface ClientTrust {
  /** The issuers of client certificates, by key identifier in lower-case hex. Keys are SPKI in DER. */
  issuers: ReadonlyMap<string, { spki: Uint8Array; isRevoked: boolean }>;
  /** The client certificates of the inventory, by serial number in lower-case hex. */
  certificates: ReadonlyMap<string, { isRevoked: boolean }>;
}

/** The way in for client certificates. Some code uses it without the other ways in. */
export interface MtlsWay extends WayIn<PresentedCertificate> {
  authenticate(presented: PresentedCertificate): Principal;
  /** Whether the connection of this certificate must end. */
  isRevoked(presented: PresentedCertificate | undefined): boolean;
}

type OwnerFacts = UserFacts | ServiceFacts;

/** The caller for each connection's certificate, created from the owner's facts. */
type PrincipalCache = WeakMap<ClientCertificate, { owner: OwnerFacts; principal: Principal }>;

/**
 * `trust` and `principals` may change during use.
 * @example
 * const { kind, name } = mtlsWay(trust, principals, clock).authenticate(presented);
 */
export function mtlsWay(
  trust: ClientTrust,
  principals: Pick<Principals, 'users' | 'services'>,
  clock: Clock,
): MtlsWay {
  const cache: PrincipalCache = new WeakMap();
  const isRevoked = ({ serialNumber }: ClientCertificate) =>
    trust.certificates.get(serialNumber)?.isRevoked === true;

  function current(certificate: ClientCertificate): Principal {
    // TLS verified the chain up to a root. That root may also have signed other authorities.
    const issuer = trust.issuers.get(certificate.issuerKeyId);
    if (!issuer || !certificate.isSignedBy(issuer.spki)) throw invalid('was not issued here');
    if (issuer.isRevoked) throw invalid('was issued by an authority that was revoked: get a new one');
    if (isRevoked(certificate)) throw invalid('was revoked');
    // Our authority signed it, but the data folder was restored from an older copy, so it may be revoked.
    if (!trust.certificates.has(certificate.serialNumber))
      throw invalid('is not in the inventory: get a new one');
    const owner = requireOwner(principals, certificate.owner);
    const known = cache.get(certificate);
    // A change of an owner replaces the facts object.
    if (known?.owner === owner) return known.principal;
    const principal = principalOf(certificate, owner);
    cache.set(certificate, { owner, principal });
    return principal;
  }

  return {
    name: 'mtls',
    description: 'a client certificate',
    find: ({ certificate }) => certificate,
    authenticate(presented) {
      const certificate = requireSound(presented);
      // RFC 5280 §4.1.2.5: valid until the end of the second in notAfter.
      if (clock.now() >= certificate.notAfter + 1000) throw invalid('has expired: get a new one');
      return current(certificate);
    },
    current: (principal, { certificate }) => (certificate ? current(requireSound(certificate)) : principal),
    challenge: () => undefined,
    isRevoked: (presented) => presented?.certificate !== undefined && isRevoked(presented.certificate),
  };
}

function requireSound({ certificate, flaw }: PresentedCertificate): ClientCertificate {
  if (certificate) return certificate;
  throw new GatehouseError('client_certificate_invalid', flaw);
}

function requireOwner(
  { users, services }: Pick<Principals, 'users' | 'services'>,
  { kind, name }: Owner,
): OwnerFacts {
  const known = kind === 'user' ? users.get(name) : services.get(name);
  if (known && !known.disabled) return known;
  throw invalid(`belongs to a ${kind} that was removed or disabled`);
}

function principalOf(certificate: ClientCertificate, facts: OwnerFacts): Principal {
  const { serialNumber, thumbprint, owner } = certificate;
  const { roles, attributes } = facts;
  const principal: Principal = {
    kind: owner.kind,
    name: owner.name,
    roles,
    scopes: [],
    // TLS has verified that the client has the key (RFC 8176: proof of possession of a key).
    amr: ['swk'],
    via: 'mtls',
    certificateSerial: serialNumber,
    certificateThumbprint: thumbprint,
  };
  return withFacts(principal, { attributes, groups: 'groups' in facts ? facts.groups : undefined });
}

function invalid(what: string): GatehouseError {
  return new GatehouseError('client_certificate_invalid', `The client certificate ${what}.`);
}

// Client certificates (docs/wire/client-certificate.md): one that a known issuer of ours signed, that is valid now, in the inventory
// and not revoked, and whose owner still exists. Evaluated anew for every request, since a connection may outlast all that.
import type { ClientCertificate, PresentedCertificate } from '../../platform/client-certificate.ts';
import type { Clock } from '../../platform/clock.ts';
import { GatehouseError } from '../../platform/errors.ts';
import type { Owner, Principal } from '../../platform/principal.ts';
import type { Principals } from '../principals.ts';
import type { WayIn } from './way-in.ts';

/** What of the certificate authority this needs to know. The maps change while they are in use. */
export interface ClientTrust {
  /** Who signs for clients, by key identifier in lower-case hex; keys are SPKI in DER. */
  issuers: ReadonlyMap<string, { spki: Uint8Array; isRevoked: boolean }>;
  /** The client certificates of the inventory, by serial number in lower-case hex. */
  certificates: ReadonlyMap<string, { isRevoked: boolean }>;
}

export interface MtlsWay extends WayIn<PresentedCertificate> {
  /** Whether the connection of this certificate must end. */
  isRevoked(presented: PresentedCertificate | undefined): boolean;
}

export function mtlsWay(
  trust: ClientTrust,
  principals: Pick<Principals, 'users' | 'services'>,
  clock: Clock,
): MtlsWay {
  const isRevoked = ({ serialNumber }: ClientCertificate) =>
    trust.certificates.get(serialNumber)?.isRevoked === true;

  function current(certificate: ClientCertificate): Principal {
    // TLS followed the chain to a root, below which there may be other authorities than ours.
    const issuer = trust.issuers.get(certificate.issuerKeyId);
    if (!issuer || !certificate.isSignedBy(issuer.spki)) throw invalid('was not issued here');
    if (issuer.isRevoked) throw invalid('was issued by an authority that was revoked: get a new one');
    if (isRevoked(certificate)) throw invalid('was revoked');
    // Signed here, but after the copy of the data folder that is in use now: it could not be revoked.
    if (!trust.certificates.has(certificate.serialNumber))
      throw invalid('is not in the inventory: get a new one');
    const { serialNumber, thumbprint, owner } = certificate;
    const principal = principalOf(principals, owner);
    return { ...principal, certificateSerial: serialNumber, certificateThumbprint: thumbprint };
  }

  return {
    name: 'mtls',
    description: 'a client certificate',
    find: ({ certificate }) => certificate,
    authenticate(presented) {
      const certificate = requireSound(presented);
      // RFC 5280 §4.1.2.5: valid through the second that notAfter names.
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

function principalOf({ users, services }: Pick<Principals, 'users' | 'services'>, owner: Owner): Principal {
  const { kind, name } = owner;
  const user = kind === 'user' ? users.get(name) : undefined;
  const known = kind === 'user' ? user : services.get(name);
  if (!known || user?.disabled) throw invalid(`belongs to a ${kind} that was removed or disabled`);
  // TLS has shown who has the key (RFC 8176: proof of possession of a key).
  return { kind, name, roles: known.roles, scopes: [], amr: ['swk'], via: 'mtls' };
}

function invalid(what: string): GatehouseError {
  return new GatehouseError('client_certificate_invalid', `The client certificate ${what}.`);
}

// Who a client certificate says calls: one that a known issuer of ours signed, that is valid now and not revoked, and whose
// owner is still there (docs/wire/client-certificate.md). Decided anew for every request, since a connection may outlast all that.
import type { Authenticator } from '../identity/worker.ts';
import type { ClientCertificate } from '../platform/client-certificate.ts';
import type { Clock } from '../platform/clock.ts';
import { GatehouseError } from '../platform/errors.ts';
import type { Principal } from '../platform/principal.ts';

/** What of the certificate authority a worker needs to know. The maps change while they are in use. */
export interface ClientTrust {
  /** Who signs for clients, by key identifier in lower-case hex; keys are SPKI in DER. */
  issuers: ReadonlyMap<string, { spki: Uint8Array; isRevoked: boolean }>;
  /** The client certificates of the inventory, by serial number in lower-case hex. */
  certificates: ReadonlyMap<string, { isRevoked: boolean }>;
}

export interface CertificateAuthenticator {
  /** Throws `client_certificate_invalid`. */
  authenticate(certificate: ClientCertificate): Principal;
  /** The same whatever its dates: what has only expired was good for what it began. */
  current(certificate: ClientCertificate): Principal;
  isRevoked(certificate: ClientCertificate): boolean;
}

export interface CertificateAuthenticatorDeps {
  authenticator: Authenticator;
  clock: Clock;
}

export function createCertificateAuthenticator(
  trust: ClientTrust,
  { authenticator, clock }: CertificateAuthenticatorDeps,
): CertificateAuthenticator {
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
    const principal = authenticator.principalOf(owner);
    return { ...principal, certificateSerial: serialNumber, certificateThumbprint: thumbprint };
  }

  return {
    isRevoked,
    current,
    authenticate(certificate) {
      // RFC 5280 §4.1.2.5: valid through the second that notAfter names.
      if (clock.now() >= certificate.notAfter + 1000) throw invalid('has expired: get a new one');
      return current(certificate);
    },
  };
}

function invalid(what: string): GatehouseError {
  return new GatehouseError('client_certificate_invalid', `The client certificate ${what}.`);
}

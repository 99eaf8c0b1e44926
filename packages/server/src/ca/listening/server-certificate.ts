// The certificate of our own listeners, with a stapled answer of our OCSP responder (RFC 6066 §8). Each
// certificate has a new key, which is never written to disk. It is renewed after two thirds of its life,
// without ending connections.
import { createPublicKey, randomBytes } from 'node:crypto';
import type { ServerIdentity } from '@gatehouse/access';
import { encodePrivateKey, generatePrivateKey } from '@gatehouse/x509';
import type { Ocsp } from '../revocation/ocsp.ts';
import type { CaSettings } from '../types.ts';
import type { OwnCertificateDeps, OwnCertificateSettings } from './own-certificate.ts';
import { issueOwnCertificate, renewalTime } from './own-certificate.ts';

export interface ServerCertificate {
  identity: ServerIdentity;
  /** Only the certificate, without its chain. */
  pem: string;
  names: string[];
  serialNumber: string;
  notAfter: Date;
  /** The authority that signed it. */
  issuerId: string;
  /** When it begins, in milliseconds since the epoch. It is after now if the clock was set back. */
  validFrom: number;
  /** Milliseconds since the epoch. */
  renewAt: number;
  /** When the stapled answer was made, in milliseconds since the epoch. */
  stapledAt: number;
  /** When to renew the stapled answer, in milliseconds since the epoch. */
  stapleAt: number;
  /** The serial number of the certificate that signed the stapled answer. */
  stapledBy?: string;
}

export interface ServerCertificateDeps extends OwnCertificateDeps {
  ocsp: Ocsp;
}

export type ServerCertificateSettings = Pick<CaSettings, 'keyType'> & OwnCertificateSettings;

const TICKET_KEYS_BYTES = 48;

/** Issues a certificate for the listeners and records it. Throws `config_invalid` if a text is no name. */
export async function issueServerCertificate(
  deps: ServerCertificateDeps,
  settings: ServerCertificateSettings,
): Promise<ServerCertificate> {
  const privateKey = generatePrivateKey(settings.keyType);
  const publicKey = createPublicKey(privateKey);
  const own = await issueOwnCertificate(deps, settings, { publicKey, profile: 'server' });
  const { issued, names, issuerId, chain } = own;
  return staple(deps, {
    identity: {
      privateKey: encodePrivateKey(privateKey),
      certificateChain: chain,
      ticketKeys: randomBytes(TICKET_KEYS_BYTES),
    },
    pem: issued.pem,
    names,
    serialNumber: issued.serialNumber,
    notAfter: issued.notAfter,
    issuerId,
    validFrom: issued.notBefore.getTime(),
    renewAt: renewalTime(issued),
    stapledAt: 0,
    stapleAt: 0,
  });
}

/** The same certificate with a fresh answer of the responder, unless its issuer has ended. */
export async function staple(
  { ocsp, authorities, clock }: Pick<ServerCertificateDeps, 'ocsp' | 'authorities' | 'clock'>,
  certificate: ServerCertificate,
): Promise<ServerCertificate> {
  const issuer = authorities.current().intermediates.find(({ id }) => id === certificate.issuerId);
  const hasEnded = issuer && clock.now() >= issuer.certificate.notAfter.getTime();
  if (!issuer || hasEnded) return { ...certificate, stapleAt: Number.POSITIVE_INFINITY };
  const { der, maxAgeSeconds, signedBy } = await ocsp.staple(certificate.pem, issuer.pem);
  return {
    ...certificate,
    identity: { ...certificate.identity, ocspResponse: der },
    stapledAt: clock.now(),
    stapleAt: clock.now() + maxAgeSeconds * 1000,
    stapledBy: signedBy,
  };
}

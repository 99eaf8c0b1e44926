// Recovers certificates that one of our authorities signed but the inventory lacks, for example after a
// restore of an older data folder. Their rows are made from the certificates themselves. Refuses certificates
// that our authorities did not sign.
import { GatehouseError, ownerNamed } from '@gatehouse/access';
import type { ParsedCertificate } from '@gatehouse/x509';
import { encodePem, generalNameText, readCertificate, verifySignature, X509Error } from '@gatehouse/x509';
import type { HierarchyRow, StoredCertificate } from '../store/store.ts';

/** Reads a certificate, PEM or DER. Throws `unprocessable`. */
export function readPresented(pem: string): ParsedCertificate {
  try {
    return readCertificate(pem);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    throw new GatehouseError('unprocessable', `certificate: ${error.message}.`, { cause: error });
  }
}

/** The id of our authority that signed the certificate; undefined if none of ours did. */
export function issuerOf(
  certificate: ParsedCertificate,
  authorities: readonly HierarchyRow[],
): string | undefined {
  return authorities.find(
    ({ certificate: pem }) => pem !== null && isSignedBy(certificate, readCertificate(pem)),
  )?.id;
}

/** As `issuerOf`, but throws `not_found` if none of ours signed it. */
export function requireOurs(certificate: ParsedCertificate, authorities: readonly HierarchyRow[]): string {
  const issuerId = issuerOf(certificate, authorities);
  if (issuerId !== undefined) return issuerId;
  throw new GatehouseError(
    'not_found',
    `No authority of this server signed the certificate ${certificate.serialNumber}: revoke it at the authority that issued it.`,
  );
}

/** Whether the certificate has the same octets as the one in the inventory. */
export function isSame({ pem }: Pick<StoredCertificate, 'pem'>, { der }: ParsedCertificate): boolean {
  return Buffer.compare(readCertificate(pem).der, der) === 0;
}

/** The row of the inventory, from the facts in the certificate. */
export function recoveredCertificate(certificate: ParsedCertificate, issuerId: string): StoredCertificate {
  const owner = ownerNamed(certificate);
  const names = certificate.subjectAltNames.flatMap((name) =>
    name.type === 'dNSName' || name.type === 'iPAddress' ? [generalNameText(name)] : [],
  );
  return {
    serialNumber: certificate.serialNumber,
    profile: likelyProfile(certificate),
    names: names.length === 0 && owner ? [owner.name] : names,
    notBefore: certificate.notBefore.getTime(),
    notAfter: certificate.notAfter.getTime(),
    issuedAt: certificate.notBefore.getTime(),
    pem: encodePem('CERTIFICATE', certificate.der),
    issuerId,
    owner,
    source: 'recovered',
    revokedAt: undefined,
    reason: undefined,
    warnAt: null,
  };
}

function isSignedBy(certificate: ParsedCertificate, authority: ParsedCertificate): boolean {
  if (Buffer.compare(certificate.issuer.der, authority.subject.der) !== 0) return false;
  try {
    return verifySignature(certificate, authority.spki);
  } catch (error) {
    // An algorithm that none of our keys has.
    if (error instanceof X509Error) return false;
    throw error;
  }
}

/** A certificate does not name its profile, but its purposes show it in most cases. */
function likelyProfile({ isCa, issuer, subject, extendedKeyUsage = [] }: ParsedCertificate): string {
  if (isCa) return Buffer.compare(issuer.der, subject.der) === 0 ? 'root' : 'intermediate';
  if (extendedKeyUsage.includes('OCSPSigning')) return 'ocsp';
  if (!extendedKeyUsage.includes('clientAuth')) return 'server';
  return extendedKeyUsage.includes('serverAuth') ? 'peer' : 'client';
}

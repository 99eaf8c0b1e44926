// What a key must be allowed to do for a purpose (RFC 5280 §4.2.1.12; for OCSP and time stamps RFC 6960 §4.2.2.2, RFC 3161 §2.3).
import { KEY_USAGES, type KeyPurpose, type KeyUsage } from './extensions.ts';

/** At least one of the usages must be there, where keyUsage is. */
export const USAGES_OF_PURPOSE: Readonly<Record<KeyPurpose, readonly KeyUsage[]>> = {
  anyExtendedKeyUsage: KEY_USAGES,
  serverAuth: ['digitalSignature', 'keyEncipherment', 'keyAgreement'],
  clientAuth: ['digitalSignature', 'keyAgreement'],
  codeSigning: ['digitalSignature'],
  emailProtection: ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'keyAgreement'],
  timeStamping: ['digitalSignature', 'nonRepudiation'],
  OCSPSigning: ['digitalSignature', 'nonRepudiation'],
};

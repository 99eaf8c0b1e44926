// What a key may do (RFC 5280 §4.2.1.3) and what it is for (§4.2.1.12), and which uses each purpose needs.
// The needs of OCSP and time stamps come from RFC 6960 §4.2.2.2 and RFC 3161 §2.3.
import type { KEY_PURPOSE } from './oids.ts';

/** The bits of keyUsage, in the order of their positions (RFC 5280 §4.2.1.3). */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** What a key may do, by the names of RFC 5280 §4.2.1.3. */
export type KeyUsage = (typeof KEY_USAGES)[number];

/** What a key is for, by the names of RFC 5280 §4.2.1.12. */
export type KeyPurpose = keyof typeof KEY_PURPOSE;

/** If a certificate has keyUsage, it must allow at least one of these. */
export const USAGES_OF_PURPOSE: Readonly<Record<KeyPurpose, readonly KeyUsage[]>> = {
  anyExtendedKeyUsage: KEY_USAGES,
  serverAuth: ['digitalSignature', 'keyEncipherment', 'keyAgreement'],
  clientAuth: ['digitalSignature', 'keyAgreement'],
  codeSigning: ['digitalSignature'],
  emailProtection: ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'keyAgreement'],
  timeStamping: ['digitalSignature', 'nonRepudiation'],
  OCSPSigning: ['digitalSignature', 'nonRepudiation'],
};

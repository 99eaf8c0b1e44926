// Object identifiers of RFC 5280, RFC 4519, RFC 5758 and RFC 8410 that this package writes or knows by name.

/** Certificate extensions (RFC 5280 §4.2). */
export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  cRLDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
} as const;

/** Key purposes (RFC 5280 §4.2.1.12). */
export const KEY_PURPOSE = {
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
} as const;

/** Access methods (RFC 5280 §4.2.2.1). */
export const ACCESS_METHOD = {
  ocsp: '1.3.6.1.5.5.7.48.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
} as const;

/** Attribute types that have a short name in every RFC 4514 implementation (RFC 4514 §3). */
export const ATTRIBUTE_TYPE = {
  CN: '2.5.4.3',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  C: '2.5.4.6',
  STREET: '2.5.4.9',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
} as const;

/** Signature algorithms (RFC 5758 §3.2, RFC 8410 §3); all are written without parameters. */
export const SIGNATURE_ALGORITHM = {
  'ecdsa-p256-sha256': '1.2.840.10045.4.3.2',
  'ecdsa-p384-sha384': '1.2.840.10045.4.3.3',
  ed25519: '1.3.101.112',
} as const;

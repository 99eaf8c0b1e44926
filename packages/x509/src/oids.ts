// Object identifiers that this package writes, or knows by name. Each table names its standard.

/** Certificate extensions (RFC 5280 §4.2). */
export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  cRLDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
  tlsFeature: '1.3.6.1.5.5.7.1.24',
  acmeIdentifier: '1.3.6.1.5.5.7.1.31',
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

/** Extensions of revocation lists and of their entries (RFC 5280 §5.2, §5.3). */
export const LIST_EXTENSION = {
  cRLNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  issuingDistributionPoint: '2.5.29.28',
  authorityKeyIdentifier: '2.5.29.35',
} as const;

/** The one type of OCSP response, and the nonce (RFC 6960 §4.2.1, RFC 9654 §2.1). */
export const OCSP = {
  basicResponse: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
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

/** Attribute types without such a name (RFC 5280 §4.1.2.6). */
export const ATTRIBUTE_OID = { emailAddress: '1.2.840.113549.1.9.1' } as const;

/** Signature algorithms that signers write (RFC 5758 §3.2, RFC 8410 §3, RFC 4055 §5, RFC 9881 §2). */
export const SIGNATURE_ALGORITHM = {
  'ecdsa-p256-sha256': '1.2.840.10045.4.3.2',
  'ecdsa-p384-sha384': '1.2.840.10045.4.3.3',
  ed25519: '1.3.101.112',
  'rsa-v1_5-sha256': '1.2.840.113549.1.1.11',
  'ml-dsa-44': '2.16.840.1.101.3.4.3.17',
  'ml-dsa-65': '2.16.840.1.101.3.4.3.18',
  'ml-dsa-87': '2.16.840.1.101.3.4.3.19',
} as const;

/** Attributes of a certification request (RFC 2985 §5.4.2). */
export const REQUEST_ATTRIBUTE = {
  extensionRequest: '1.2.840.113549.1.9.14',
} as const;

/** Public key algorithms (RFC 8017 §A.1, RFC 4055 §1.2, RFC 5480 §2.1.1, RFC 8410 §3, RFC 9881 §2). */
export const KEY_ALGORITHM = {
  RSA: '1.2.840.113549.1.1.1',
  'RSA-PSS': '1.2.840.113549.1.1.10',
  EC: '1.2.840.10045.2.1',
  Ed25519: SIGNATURE_ALGORITHM.ed25519,
  'ML-DSA-44': SIGNATURE_ALGORITHM['ml-dsa-44'],
  'ML-DSA-65': SIGNATURE_ALGORITHM['ml-dsa-65'],
  'ML-DSA-87': SIGNATURE_ALGORITHM['ml-dsa-87'],
} as const;

/** Named curves (RFC 5480 §2.1.1.1). */
export const CURVE = {
  'P-256': '1.2.840.10045.3.1.7',
  'P-384': '1.3.132.0.34',
  'P-521': '1.3.132.0.35',
} as const;

/** Digests (RFC 3370 §2.1, RFC 5754 §2, RFC 8018 §B.1.1). */
export const DIGEST = {
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;

/** Password-based encryption and MAC (RFC 8018 §A.4, §A.5, RFC 7292 §C). */
export const PASSWORD_BASED = {
  pbes2: '1.2.840.113549.1.5.13',
  pbmac1: '1.2.840.113549.1.5.14',
  sha1TripleDes: '1.2.840.113549.1.12.1.3',
} as const;

/** Key derivation functions (RFC 8018 §A.2, RFC 7914 §7). */
export const KEY_DERIVATION = {
  pbkdf2: '1.2.840.113549.1.5.12',
  scrypt: '1.3.6.1.4.1.11591.4.11',
} as const;

/** HMAC as pseudorandom function, by its digest (RFC 8018 §B.1). */
export const PRF = {
  sha1: '1.2.840.113549.2.7',
  sha224: '1.2.840.113549.2.8',
  sha256: '1.2.840.113549.2.9',
  sha384: '1.2.840.113549.2.10',
  sha512: '1.2.840.113549.2.11',
} as const;

/** Ciphers of PBES2, as Node names them (RFC 8018 §B.2, RFC 3565 §4.1). */
export const CIPHER = {
  'des-ede3-cbc': '1.2.840.113549.3.7',
  'aes-128-cbc': '2.16.840.1.101.3.4.1.2',
  'aes-192-cbc': '2.16.840.1.101.3.4.1.22',
  'aes-256-cbc': '2.16.840.1.101.3.4.1.42',
} as const;

/** Content types (RFC 5652 §4, §8). */
export const PKCS7_CONTENT = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
} as const;

/** Bags of PKCS#12 (RFC 7292 §4.2). */
export const PKCS12_BAG = {
  key: '1.2.840.113549.1.12.10.1.1',
  shroudedKey: '1.2.840.113549.1.12.10.1.2',
  certificate: '1.2.840.113549.1.12.10.1.3',
  safeContents: '1.2.840.113549.1.12.10.1.6',
} as const;

/** The type of certificates in bags, and attributes of bags (RFC 7292 §4.2.3, RFC 2985 §5.5). */
export const PKCS12_CERTIFICATE = '1.2.840.113549.1.9.22.1';
export const PKCS12_ATTRIBUTE = {
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
} as const;

/** The object identifiers of certificates and requests. Reading looks these up first. */
export const FREQUENT_OIDS: readonly string[] = [
  EXTENSION,
  KEY_PURPOSE,
  ACCESS_METHOD,
  ATTRIBUTE_TYPE,
  SIGNATURE_ALGORITHM,
  REQUEST_ATTRIBUTE,
  KEY_ALGORITHM,
  CURVE,
].flatMap((table) => Object.values(table));

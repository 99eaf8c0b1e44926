// Choices of options that x509 defines. Repeated here, so that help does not load that package.
import type { PrivateKeyType, RevocationReason } from '@gatehouse/x509';

export const KEY_TYPES = [
  'P-256',
  'P-384',
  'Ed25519',
  'RSA-2048',
  'RSA-3072',
  'RSA-4096',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
] as const satisfies PrivateKeyType[];

export const REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const satisfies RevocationReason[];

// Name constraints from options (RFC 5280 §4.2.1.10). A user who permits some hosts means only those. But in
// the standard, a kind of name without a permitted subtree is unconstrained: if only domains were given, any
// address would be allowed. So the other kinds are excluded here.
import { type CertificateProfile, type GeneralSubtree, parseGeneralSubtree } from '@gatehouse/x509';
import { asUsage } from '../subject.ts';

export interface ConstraintFlags {
  permit?: readonly string[];
  exclude?: readonly string[];
}

/** `undefined` if neither option is given. Throws a usage error. */
export function constraintsOf({ permit, exclude }: ConstraintFlags): CertificateProfile['nameConstraints'] {
  if (permit === undefined && exclude === undefined) return undefined;
  const permitted = permit?.map((text) => asUsage('--permit', () => parseGeneralSubtree(text)));
  const excluded = exclude?.map((text) => asUsage('--exclude', () => parseGeneralSubtree(text))) ?? [];
  if (permitted === undefined) return { excluded };
  const others = EVERY_HOST.filter(({ type }) => permitted.every((subtree) => subtree.type !== type));
  return { permitted, excluded: [...excluded, ...others] };
}

/** All names of each kind that a certificate has for hosts. */
const EVERY_HOST: readonly GeneralSubtree[] = [
  { type: 'dNSName', value: '' },
  { type: 'iPAddress', value: '0.0.0.0/0' },
  { type: 'iPAddress', value: '::/0' },
];

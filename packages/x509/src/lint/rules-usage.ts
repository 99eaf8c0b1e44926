// Lint rules for the key usage (RFC 5280 §4.2.1.3, §4.2.1.12), which must fit the type of key, the authority
// and the purpose.
import type { KeyPurpose, KeyUsage } from '../key-usage.ts';
import { USAGES_OF_PURPOSE } from '../key-usage.ts';
import { EXTENSION, KEY_ALGORITHM, KEY_PURPOSE } from '../oids.ts';
import type { LintRule } from './rule.ts';

export const USAGE_RULES: readonly LintRule[] = [
  {
    rule: 'rfc5280_key_usage_of_authority',
    section: 'RFC 5280 §4.2.1.3',
    check: ({ extensions: { isCa, keyUsage } }) =>
      isCa && keyUsage === undefined ? 'an authority has no keyUsage' : undefined,
  },
  {
    rule: 'rfc5280_key_cert_sign_is_authority',
    section: 'RFC 5280 §4.2.1.3, §4.2.1.9',
    check: ({ extensions: { isCa, keyUsage } }) =>
      keyUsage === undefined || keyUsage.usages.includes('keyCertSign') === isCa
        ? undefined
        : 'an authority needs keyCertSign, and only an authority may have it',
  },
  {
    rule: 'rfc5280_key_usage_not_empty',
    section: 'RFC 5280 §4.2.1.3',
    check: ({ extensions: { keyUsage } }) =>
      keyUsage?.usages.length === 0 ? 'keyUsage has no bit set' : undefined,
  },
  {
    rule: 'x690_key_usage_minimal',
    section: 'X.690 §11.2.2',
    check: ({ extensions: { keyUsage } }) =>
      keyUsage?.isMinimal === false ? 'keyUsage has zero bits at its end' : undefined,
  },
  {
    rule: 'rfc5280_only_with_key_agreement',
    section: 'RFC 5280 §4.2.1.3',
    check: ({ extensions: { keyUsage } }) => {
      const { usages = [] } = keyUsage ?? {};
      const restricts = usages.includes('encipherOnly') || usages.includes('decipherOnly');
      return restricts && !usages.includes('keyAgreement')
        ? 'encipherOnly and decipherOnly have no meaning without keyAgreement'
        : undefined;
    },
  },
  {
    rule: 'rfc5280_key_usage_fits_key',
    section: 'RFC 3279 §2.3.1, RFC 8813 §3, RFC 8410 §5, RFC 9881 §5',
    check: ({ key, extensions: { keyUsage } }) => {
      const forbidden = FORBIDDEN_USAGES.get(key.algorithm.oid) ?? [];
      const misfit = keyUsage?.usages.find((usage) => forbidden.includes(usage));
      return misfit && `a key of this type cannot do ${misfit}`;
    },
  },
  {
    rule: 'rfc5280_key_usage_fits_purpose',
    section: 'RFC 5280 §4.2.1.12',
    check: ({ extensions: { keyUsage, purposes = [] } }) => {
      if (keyUsage === undefined) return undefined;
      const misfit = purposes.find((oid) => {
        const usages = USAGES_OF_OID.get(oid);
        return usages !== undefined && !usages.some((usage) => keyUsage.usages.includes(usage));
      });
      return misfit && `keyUsage has none of the usages that the purpose ${misfit} needs`;
    },
  },
  {
    rule: 'rfc5280_any_purpose_not_critical',
    section: 'RFC 5280 §4.2.1.12',
    check: ({ extensions: { all = [], purposes = [] } }) =>
      purposes.includes(KEY_PURPOSE.anyExtendedKeyUsage) &&
      all.some(({ oid, isCritical }) => isCritical && oid === EXTENSION.extendedKeyUsage)
        ? 'extendedKeyUsage must not be critical if it allows any purpose'
        : undefined,
  },
  {
    rule: 'profile_purpose_once',
    section: 'RFC 5280 §4.2.1.12',
    check: ({ extensions: { purposes = [] } }) =>
      new Set(purposes).size === purposes.length ? undefined : 'extendedKeyUsage has a purpose twice',
  },
];

const ENCIPHERMENT = ['keyEncipherment', 'dataEncipherment'] as const satisfies KeyUsage[];
const AGREEMENT = ['keyAgreement', 'encipherOnly', 'decipherOnly'] as const satisfies KeyUsage[];
const NOT_SIGNING: readonly KeyUsage[] = [...ENCIPHERMENT, ...AGREEMENT];

const FORBIDDEN_USAGES: ReadonlyMap<string, readonly KeyUsage[]> = new Map<string, readonly KeyUsage[]>([
  [KEY_ALGORITHM.RSA, AGREEMENT],
  [KEY_ALGORITHM.EC, ENCIPHERMENT],
  [KEY_ALGORITHM.Ed25519, NOT_SIGNING],
  [KEY_ALGORITHM['ML-DSA-44'], NOT_SIGNING],
  [KEY_ALGORITHM['ML-DSA-65'], NOT_SIGNING],
  [KEY_ALGORITHM['ML-DSA-87'], NOT_SIGNING],
]);

const USAGES_OF_OID: ReadonlyMap<string, readonly KeyUsage[]> = new Map(
  Object.entries(USAGES_OF_PURPOSE).map(([purpose, usages]) => [KEY_PURPOSE[purpose as KeyPurpose], usages]),
);

// Lint rules for extensions (RFC 5280 §4.2): which are required, which are critical, and which only an
// authority may have.
import { EXTENSION } from '../oids.ts';
import type { LintRule } from './rule.ts';

export const EXTENSION_RULES: readonly LintRule[] = [
  {
    rule: 'rfc5280_extensions_not_empty',
    section: 'RFC 5280 §4.1.2.9',
    check: ({ extensions: { all } }) =>
      all?.length === 0 ? 'the sequence of extensions is empty' : undefined,
  },
  {
    rule: 'rfc5280_extension_once',
    section: 'RFC 5280 §4.2',
    check: ({ extensions: { all = [] } }) => {
      const twice = all.find(({ oid }, index) => all.findIndex((other) => other.oid === oid) !== index);
      return twice && `the extension ${twice.oid} appears twice`;
    },
  },
  {
    rule: 'rfc5280_extension_critical',
    section: 'RFC 5280 §4.2.1, §4.2.2',
    check: ({ extensions: { all = [], isCa } }) => {
      for (const { oid, isCritical } of all) {
        const wanted = oid === EXTENSION.basicConstraints ? isCa || isCritical : CRITICAL.get(oid);
        if (wanted === undefined || wanted === isCritical) continue;
        return `the extension ${oid} must ${wanted ? '' : 'not '}be critical`;
      }
      return undefined;
    },
  },
  {
    rule: 'rfc5280_path_length_of_authority',
    section: 'RFC 5280 §4.2.1.9',
    check: ({ extensions: { isCa, pathLength } }) =>
      pathLength === undefined || isCa ? undefined : 'only an authority may have a path length',
  },
  {
    rule: 'rfc5280_name_constraints_of_authority',
    section: 'RFC 5280 §4.2.1.10',
    check: ({ extensions: { isCa, hasNameConstraints } }) =>
      hasNameConstraints && !isCa ? 'only an authority may have name constraints' : undefined,
  },
  {
    rule: 'rfc5280_subject_key_identifier_of_authority',
    section: 'RFC 5280 §4.2.1.2',
    check: ({ extensions: { isCa, subjectKeyIdentifier } }) =>
      isCa && subjectKeyIdentifier === undefined ? 'an authority has no subjectKeyIdentifier' : undefined,
  },
  {
    rule: 'rfc5280_key_identifier_not_empty',
    section: 'RFC 5280 §4.2.1.1, §4.2.1.2',
    check: ({ extensions: { subjectKeyIdentifier, authorityKeyIdentifier } }) =>
      subjectKeyIdentifier?.length === 0 || authorityKeyIdentifier?.keyIdentifier?.length === 0
        ? 'a key identifier has no octets'
        : undefined,
  },
  {
    rule: 'rfc5280_authority_key_identifier',
    section: 'RFC 5280 §4.2.1.1',
    check: ({ issuer, subject, extensions }) =>
      extensions.authorityKeyIdentifier?.keyIdentifier === undefined &&
      Buffer.compare(issuer.der, subject.der) !== 0
        ? 'the key identifier of the issuer is missing'
        : undefined,
  },
  {
    rule: 'rfc5280_authority_issuer_with_serial_number',
    section: 'RFC 5280 §4.2.1.1',
    check: ({ extensions: { authorityKeyIdentifier: authority } }) =>
      authority === undefined || authority.hasIssuer === authority.hasSerialNumber
        ? undefined
        : 'authorityKeyIdentifier must have both the name and the serial number of the issuer, or neither',
  },
  {
    rule: 'rfc5280_authority_key_identifier_is_its_subjects',
    section: 'RFC 5280 §4.2.1.1',
    check: ({ extensions: { authorityKeyIdentifier } }, { issuer }) => {
      const [claimed, own] = [authorityKeyIdentifier?.keyIdentifier, issuer?.subjectKeyIdentifier];
      if (claimed === undefined || own === undefined || Buffer.from(claimed).toString('hex') === own)
        return undefined;
      return 'authorityKeyIdentifier differs from the key identifier in the certificate of the issuer';
    },
  },
];

/** Which extensions must be critical (true) or must not be (false). SHOULD counts as MUST here. */
const CRITICAL: ReadonlyMap<string, boolean> = new Map([
  [EXTENSION.authorityKeyIdentifier, false], // §4.2.1.1
  [EXTENSION.subjectKeyIdentifier, false], // §4.2.1.2
  [EXTENSION.keyUsage, true], // §4.2.1.3
  ['2.5.29.33', true], // policyMappings, §4.2.1.5
  ['2.5.29.18', false], // issuerAltName, §4.2.1.7
  ['2.5.29.9', false], // subjectDirectoryAttributes, §4.2.1.8
  [EXTENSION.nameConstraints, true], // §4.2.1.10
  ['2.5.29.36', true], // policyConstraints, §4.2.1.11
  [EXTENSION.cRLDistributionPoints, false], // §4.2.1.13
  ['2.5.29.54', true], // inhibitAnyPolicy, §4.2.1.14
  ['2.5.29.46', false], // freshestCRL, §4.2.1.15
  [EXTENSION.authorityInfoAccess, false], // §4.2.2.1
  ['1.3.6.1.5.5.7.1.11', false], // subjectInfoAccess, §4.2.2.2
  [EXTENSION.ocspNoCheck, false], // RFC 6960 §4.2.2.2.1
]);

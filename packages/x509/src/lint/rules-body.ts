// Lint rules for the fields of a certificate other than names, key and extensions (RFC 5280 §4.1).
import { TAG } from '../der/tags.ts';
import { KEY_ALGORITHM } from '../oids.ts';
import type { LintRule } from './rule.ts';
import type { TimeView } from './view.ts';

export const BODY_RULES: readonly LintRule[] = [
  {
    rule: 'rfc5280_version_3',
    section: 'RFC 5280 §4.1.2.1',
    check: ({ version }) => (version === 3 ? undefined : `the version is ${version}`),
  },
  {
    rule: 'rfc5280_serial_number_positive',
    section: 'RFC 5280 §4.1.2.2',
    check: ({ serialNumber: { 0: first = 0, length } }) =>
      first < 0x80 && (first !== 0 || length > 1) ? undefined : 'the serial number is not greater than zero',
  },
  {
    rule: 'rfc5280_serial_number_length',
    section: 'RFC 5280 §4.1.2.2',
    check: ({ serialNumber: { length } }) =>
      length <= SERIAL_MAX_OCTETS
        ? undefined
        : `the serial number has ${length} octets; at most 20 are allowed`,
  },
  {
    rule: 'profile_serial_number_unpredictable',
    section: 'CA/Browser Forum BR §7.1',
    check: ({ serialNumber: { length } }) =>
      length >= SERIAL_MIN_OCTETS
        ? undefined
        : `the serial number has ${length} octets, which are too few to be random`,
  },
  {
    rule: 'rfc5280_signature_algorithms_same',
    section: 'RFC 5280 §4.1.1.2',
    check: ({ algorithmOctets: [inner, outer] }) =>
      inner === undefined || outer === undefined || Buffer.compare(inner, outer) === 0
        ? undefined
        : 'the two signature algorithms differ',
  },
  {
    rule: 'profile_signature_algorithm_strong',
    section: 'RFC 6151 §2, RFC 6194 §3',
    check: ({ signatureAlgorithm: { oid } }) =>
      oid in PARAMETERS ? undefined : `the signature algorithm ${oid} is weak or unknown`,
  },
  {
    rule: 'rfc5280_signature_algorithm_parameters',
    section: 'RFC 4055 §5, RFC 5758 §3.2, RFC 8410 §3, RFC 9881 §2',
    check: ({ signatureAlgorithm: { oid, parameters } }) => {
      const expected = PARAMETERS[oid];
      if (expected === undefined || expected === hexOf(parameters)) return undefined;
      return `the signature algorithm must have ${expected === '' ? 'no' : 'NULL as its'} parameters`;
    },
  },
  {
    rule: 'rfc5280_issuer_named',
    section: 'RFC 5280 §4.1.2.4',
    check: ({ issuer }) => (issuer.attributes.length > 0 ? undefined : 'the issuer has no name'),
  },
  {
    rule: 'rfc5280_issuer_is_its_subject',
    section: 'RFC 5280 §4.1.2.4, §6.1.3',
    check: ({ issuer: { der } }, { issuer }) =>
      issuer === undefined || Buffer.compare(der, issuer.subject.der) === 0
        ? undefined
        : 'the name of the issuer differs from the subject of its certificate',
  },
  {
    rule: 'rfc5280_validity_encoding',
    section: 'RFC 5280 §4.1.2.5',
    check: ({ notBefore, notAfter }) =>
      isWellEncoded(notBefore) && isWellEncoded(notAfter)
        ? undefined
        : 'a date has the wrong type: UTCTime is for dates until 2049, GeneralizedTime for later ones',
  },
  {
    rule: 'rfc5280_validity_order',
    section: 'RFC 5280 §4.1.2.5',
    check: ({ notBefore, notAfter }) =>
      notBefore.date < notAfter.date ? undefined : 'notAfter is not after notBefore',
  },
  {
    rule: 'profile_within_issuer_validity',
    section: 'RFC 5280 §6.1.3',
    check: ({ notAfter }, { issuer }) =>
      issuer === undefined || notAfter.date <= issuer.notAfter
        ? undefined
        : 'the certificate is valid longer than its issuer',
  },
  {
    rule: 'rfc5280_no_unique_identifiers',
    section: 'RFC 5280 §4.1.2.8',
    check: ({ hasUniqueIdentifiers }) =>
      hasUniqueIdentifiers ? 'the certificate has unique identifiers' : undefined,
  },
];

const SERIAL_MAX_OCTETS = 20;
const SERIAL_MIN_OCTETS = 8;
const YEAR_2050_MS = Date.UTC(2050);
const NULL_HEX = '0500';

/**
 * The parameters, in hex, of known algorithms that are not broken. RSASSA-PSS has parameters of many forms.
 */
const PARAMETERS: Readonly<Record<string, string | undefined>> = {
  '1.2.840.10045.4.3.2': '',
  '1.2.840.10045.4.3.3': '',
  '1.2.840.10045.4.3.4': '',
  '1.2.840.113549.1.1.11': NULL_HEX,
  '1.2.840.113549.1.1.12': NULL_HEX,
  '1.2.840.113549.1.1.13': NULL_HEX,
  [KEY_ALGORITHM['RSA-PSS']]: undefined,
  [KEY_ALGORITHM.Ed25519]: '',
  [KEY_ALGORITHM['ML-DSA-44']]: '',
  [KEY_ALGORITHM['ML-DSA-65']]: '',
  [KEY_ALGORITHM['ML-DSA-87']]: '',
};

function isWellEncoded({ tag, date }: TimeView): boolean {
  return (tag === TAG.utcTime) === date.getTime() < YEAR_2050_MS;
}

function hexOf(octets: Uint8Array | undefined): string {
  return octets === undefined ? '' : Buffer.from(octets).toString('hex');
}

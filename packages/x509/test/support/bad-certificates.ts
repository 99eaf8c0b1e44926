import { generateKeyPairSync } from 'node:crypto';
import {
  bitString,
  type Der,
  explicit,
  ia5String,
  implicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from '../../src/der/write.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../src/issue/extensions.ts';
import type { KeyUsage } from '../../src/key-usage.ts';
import { encodeSignatureAlgorithm } from '../../src/keys/signer.ts';
import { keyIdentifier } from '../../src/keys/spki.ts';
import { parseSubjectName } from '../../src/names/general-name.ts';
import { parseGeneralSubtree } from '../../src/names/general-subtree.ts';
import { ATTRIBUTE_OID, ATTRIBUTE_TYPE, CURVE, EXTENSION, KEY_ALGORITHM } from '../../src/oids.ts';
import { anyExtension, createForger, type ForgedParts, FROM, forgeAuthority, UNTIL } from './forge.ts';

export const root = createForger('Root');
export const rootDer = forgeAuthority(root, root);
const KEY_ID = keyIdentifier(root.signer.publicKey);
const AUTHORITY_KEY = authorityKeyIdentifier(KEY_ID);
export const NAMES = subjectAltName([parseSubjectName('a.example')], { isCritical: false });
/** A leaf that follows every rule, except in the given extensions. */
export const withExtensions = (...extensions: Der[]): ForgedParts => ({
  extensions: [AUTHORITY_KEY, ...extensions],
});
export const asAuthority = (...extensions: Der[]): ForgedParts =>
  withExtensions(
    basicConstraints({ isCa: true }),
    keyUsage(['keyCertSign', 'cRLSign']),
    subjectKeyIdentifier(KEY_ID),
    ...extensions,
  );
export const named = (...names: Der[]): ForgedParts =>
  withExtensions(anyExtension(EXTENSION.subjectAltName, sequence(...names)));
export const attribute = (oid: string, value: Der): ForgedParts => ({
  ...withExtensions(),
  subject: sequence(setOf(sequence(objectIdentifier(oid), value))),
});
export const withKey = (algorithm: Der, bits: Uint8Array, ...usages: KeyUsage[]): ForgedParts => ({
  ...withExtensions(...(usages.length > 0 ? [keyUsage(usages)] : [])),
  spki: sequence(algorithm, bitString(bits)),
});
export const rsa = sequence(objectIdentifier(KEY_ALGORITHM.RSA), nullValue());
export const curve = (name: keyof typeof CURVE) =>
  sequence(objectIdentifier(KEY_ALGORITHM.EC), objectIdentifier(CURVE[name]));
export const rsaKey = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({
    type: 'pkcs1',
    format: 'der',
  });

/** For each rule, a certificate that breaks it. */
export const BAD: Readonly<Record<string, ForgedParts>> = {
  rfc5280_version_3: { ...withExtensions(), version: [] },
  rfc5280_serial_number_positive: { ...withExtensions(), serialNumber: integer(-0x7000_0000_0000_0000n) },
  rfc5280_serial_number_length: { ...withExtensions(), serialNumber: integer(1n << 160n) },
  profile_serial_number_unpredictable: { ...withExtensions(), serialNumber: integer(4711) },
  rfc5280_signature_algorithms_same: { ...withExtensions(), algorithm: encodeSignatureAlgorithm('ed25519') },
  profile_signature_algorithm_strong: {
    ...withExtensions(),
    algorithm: sequence(objectIdentifier('1.2.840.113549.1.1.5'), nullValue()),
  },
  rfc5280_signature_algorithm_parameters: {
    ...withExtensions(),
    algorithm: sequence(objectIdentifier('1.2.840.10045.4.3.2'), nullValue()),
  },
  rfc5280_issuer_named: { ...withExtensions(), issuer: sequence() },
  rfc5280_issuer_is_its_subject: {
    ...withExtensions(),
    issuer: sequence(setOf(sequence(objectIdentifier(ATTRIBUTE_TYPE.CN), utf8String('other')))),
  },
  rfc5280_validity_encoding: {
    ...withExtensions(),
    validity: sequence(time(FROM), Buffer.from('180f32303330303130313030303030305a', 'hex')),
  },
  rfc5280_validity_order: { ...withExtensions(), validity: sequence(time(UNTIL), time(FROM)) },
  profile_within_issuer_validity: {
    ...withExtensions(),
    validity: sequence(time(FROM), time(new Date(UNTIL.getTime() + 1000))),
  },
  rfc5280_no_unique_identifiers: { ...withExtensions(), uniqueIds: [implicit(1, bitString(Buffer.of(1)))] },
  rfc5280_authority_named: {
    ...asAuthority(subjectAltName([parseSubjectName('a.example')], { isCritical: true })),
    subject: {},
  },
  rfc5280_directory_string: attribute(ATTRIBUTE_TYPE.CN, Buffer.from('1e020041', 'hex')),
  rfc5280_country: attribute(ATTRIBUTE_TYPE.C, utf8String('DE')),
  rfc5280_attribute_length: attribute(ATTRIBUTE_TYPE.CN, utf8String('ä'.repeat(65))),
  x690_string_alphabet: attribute(ATTRIBUTE_TYPE.CN, Buffer.from('130140', 'hex')),
  profile_name_printable: attribute(ATTRIBUTE_TYPE.CN, utf8String('a\nb')),
  rfc5280_no_address_in_subject: attribute(ATTRIBUTE_OID.emailAddress, ia5String('a@b.example')),
  profile_key_known: withKey(sequence(objectIdentifier('1.3.101.110')), Buffer.alloc(32)),
  rfc5280_key_parameters: withKey(sequence(objectIdentifier(KEY_ALGORITHM.RSA)), rsaKey(2048)),
  rfc5280_key_form: withKey(rsa, rsaKey(1024)),
  rfc5280_extensions_not_empty: { extensions: [] },
  rfc5280_extension_once: withExtensions(AUTHORITY_KEY),
  rfc5280_extension_critical: withExtensions(
    anyExtension(EXTENSION.subjectKeyIdentifier, octetString(KEY_ID), { isCritical: true }),
  ),
  rfc5280_path_length_of_authority: withExtensions(
    anyExtension(EXTENSION.basicConstraints, sequence(integer(0))),
  ),
  rfc5280_name_constraints_of_authority: withExtensions(
    nameConstraints({ permitted: [parseGeneralSubtree('a.example')] }),
  ),
  rfc5280_subject_key_identifier_of_authority: withExtensions(
    basicConstraints({ isCa: true }),
    keyUsage(['keyCertSign']),
  ),
  rfc5280_key_identifier_not_empty: withExtensions(subjectKeyIdentifier(new Uint8Array())),
  rfc5280_authority_key_identifier: {},
  rfc5280_authority_issuer_with_serial_number: {
    extensions: [
      anyExtension(
        EXTENSION.authorityKeyIdentifier,
        sequence(implicit(0, octetString(KEY_ID)), implicit(2, integer(1))),
      ),
    ],
  },
  rfc5280_authority_key_identifier_is_its_subjects: {
    extensions: [authorityKeyIdentifier(Buffer.alloc(20, 1))],
  },
  rfc5280_key_usage_of_authority: withExtensions(
    basicConstraints({ isCa: true }),
    subjectKeyIdentifier(KEY_ID),
  ),
  rfc5280_key_cert_sign_is_authority: withExtensions(keyUsage(['keyCertSign'])),
  rfc5280_key_usage_not_empty: withExtensions(
    anyExtension(EXTENSION.keyUsage, Buffer.from('030100', 'hex'), { isCritical: true }),
  ),
  x690_key_usage_minimal: withExtensions(
    anyExtension(EXTENSION.keyUsage, Buffer.from('03020080', 'hex'), { isCritical: true }),
  ),
  rfc5280_only_with_key_agreement: withExtensions(keyUsage(['digitalSignature', 'encipherOnly'])),
  rfc5280_key_usage_fits_key: withExtensions(keyUsage(['digitalSignature', 'keyEncipherment'])),
  rfc5280_key_usage_fits_purpose: withExtensions(
    keyUsage(['nonRepudiation']),
    extendedKeyUsage(['clientAuth']),
  ),
  rfc5280_any_purpose_not_critical: withExtensions(
    anyExtension(EXTENSION.extendedKeyUsage, sequence(objectIdentifier('2.5.29.37.0')), { isCritical: true }),
  ),
  profile_purpose_once: withExtensions(extendedKeyUsage(['clientAuth', 'clientAuth'])),
  rfc5280_subject_named: { ...withExtensions(), subject: {} },
  rfc5280_alt_names_critical_without_subject: { ...withExtensions(NAMES), subject: {} },
  rfc9525_server_named: withExtensions(extendedKeyUsage(['serverAuth'])),
  rfc5280_dns_name: named(implicit(2, ia5String('a_b.example'))),
  rfc5280_mailbox: named(implicit(1, ia5String('a.example'))),
  rfc5280_uri: named(implicit(6, ia5String('/relative'))),
  rfc5280_ip_address: named(implicit(7, octetString(Buffer.alloc(5)))),
  rfc5280_distribution_point_located: withExtensions(
    anyExtension(
      EXTENSION.cRLDistributionPoints,
      sequence(sequence(implicit(1, bitString(Buffer.of(0x40), 6)))),
    ),
  ),
  rfc5280_list_over_http: withExtensions(
    anyExtension(
      EXTENSION.cRLDistributionPoints,
      sequence(sequence(explicit(0, implicit(0, sequence(implicit(6, ia5String('https://a.example/crl'))))))),
    ),
  ),
  rfc5280_access_over_http: withExtensions(
    anyExtension(
      EXTENSION.authorityInfoAccess,
      sequence(
        sequence(objectIdentifier('1.3.6.1.5.5.7.48.1'), implicit(6, ia5String('https://a.example/ocsp'))),
      ),
    ),
  ),
};

// Lint rules for the alternative names (RFC 5280 §4.2.1.6): their forms, where they are required, and when
// they are critical.
import type { DerElement } from '../der/read.ts';
import { X509Error } from '../errors.ts';
import { encodeGeneralName } from '../names/general-name.ts';
import { type NameType, typeOfTag } from '../names/name-forms.ts';
import { EXTENSION, KEY_PURPOSE } from '../oids.ts';
import type { LintRule } from './rule.ts';
import type { CertificateView } from './view.ts';

export const ALT_NAME_RULES: readonly LintRule[] = [
  {
    rule: 'rfc5280_subject_named',
    section: 'RFC 5280 §4.1.2.6, §4.2.1.6',
    check: ({ subject, extensions }) =>
      subject.attributes.length > 0 || extensions.subjectAltNames !== undefined
        ? undefined
        : 'the certificate has neither a subject nor an alternative name',
  },
  {
    rule: 'rfc5280_alt_names_critical_without_subject',
    section: 'RFC 5280 §4.2.1.6',
    check: (view) => {
      const isEmpty = view.subject.attributes.length === 0;
      const isCritical = areAltNamesCritical(view);
      if (isCritical === undefined || isCritical === isEmpty) return undefined;
      return isEmpty
        ? 'alternative names must be critical if the subject is empty'
        : 'alternative names must not be critical if there is a subject';
    },
  },
  {
    rule: 'rfc9525_server_named',
    section: 'RFC 9525 §2',
    check: ({ extensions: { isCa, purposes, subjectAltNames = [] } }) =>
      !isCa && purposes?.includes(KEY_PURPOSE.serverAuth) && !subjectAltNames.some(isServerName)
        ? 'a server needs a DNS name or an IP address among its alternative names'
        : undefined,
  },
  forEachName('dNSName', 'rfc5280_dns_name', 'RFC 1034 §3.5, RFC 9525 §6.3'),
  forEachName('rfc822Name', 'rfc5280_mailbox', 'RFC 5321 §4.1.2'),
  forEachName('uniformResourceIdentifier', 'rfc5280_uri', 'RFC 5280 §4.2.1.6, RFC 3986 §3'),
  {
    rule: 'rfc5280_ip_address',
    section: 'RFC 5280 §4.2.1.6',
    check: ({ extensions: { subjectAltNames = [] } }) =>
      subjectAltNames.some(
        (name) => typeOfTag(name.tag) === 'iPAddress' && ![4, 16].includes(name.content.length),
      )
        ? 'an IP address has neither 4 nor 16 octets'
        : undefined,
  },
];

const SERVER_NAMES: readonly (NameType | undefined)[] = ['dNSName', 'iPAddress'];

function areAltNamesCritical({ extensions: { all = [] } }: CertificateView): boolean | undefined {
  return all.find(({ oid }) => oid === EXTENSION.subjectAltName)?.isCritical;
}

function isServerName({ tag }: DerElement): boolean {
  return SERVER_NAMES.includes(typeOfTag(tag));
}

/** A certificate must not have names that this package does not write. */
function forEachName(type: NameType, rule: string, section: string): LintRule {
  return {
    rule,
    section,
    check: ({ extensions: { subjectAltNames = [] } }) => {
      for (const { tag, content } of subjectAltNames) {
        const problem =
          typeOfTag(tag) === type ? problemOf(type, Buffer.from(content).toString('latin1')) : undefined;
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

function problemOf(type: NameType, value: string): string | undefined {
  try {
    encodeGeneralName({ type, value });
    return undefined;
  } catch (error) {
    if (error instanceof X509Error) return error.message;
    throw error;
  }
}

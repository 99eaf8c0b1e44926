// Lint rules for the subject's distinguished name (RFC 5280 §4.1.2.6, appendix A.1).
import { isAscii, isUtf8 } from 'node:buffer';
import { PRINTABLE_STRING, TAG } from '../der/tags.ts';
import { ATTRIBUTE_OID, ATTRIBUTE_TYPE } from '../oids.ts';
import type { LintRule } from './rule.ts';
import type { AttributeView } from './view.ts';

export const NAME_RULES: readonly LintRule[] = [
  {
    rule: 'rfc5280_authority_named',
    section: 'RFC 5280 §4.1.2.6',
    check: ({ subject, extensions }) =>
      extensions.isCa && subject.attributes.length === 0
        ? 'an authority has no distinguished name'
        : undefined,
  },
  forEachAttribute({
    rule: 'rfc5280_directory_string',
    section: 'RFC 5280 §4.1.2.4',
    check: ({ oid, tag }) =>
      !LENGTHS.has(oid) || STRING_TAGS.includes(tag)
        ? undefined
        : 'is neither UTF8String nor PrintableString',
  }),
  forEachAttribute({
    rule: 'rfc5280_country',
    section: 'RFC 5280 appendix A.1',
    check: ({ oid, tag, content }) =>
      oid !== ATTRIBUTE_TYPE.C || (tag === TAG.printableString && /^[A-Z]{2}$/.test(textOf(content)))
        ? undefined
        : 'is not two capital letters in a PrintableString',
  }),
  forEachAttribute({
    rule: 'rfc5280_attribute_length',
    section: 'RFC 5280 appendix A.1',
    check: ({ oid, content }) => {
      const longest = LENGTHS.get(oid);
      if (longest === undefined) return content.length > 0 ? undefined : 'is empty';
      // The limit is in characters, and each character has at least one octet.
      const isShort = content.length <= longest || [...textOf(content)].length <= longest;
      return isShort && content.length > 0 ? undefined : `is not 1 to ${longest} characters long`;
    },
  }),
  forEachAttribute({
    rule: 'x690_string_alphabet',
    section: 'X.680 §41.4, RFC 3629 §3',
    check: ({ tag, content }) =>
      isInAlphabet(tag, content) ? undefined : 'has characters outside of the alphabet of its type',
  }),
  forEachAttribute({
    rule: 'profile_name_printable',
    section: 'RFC 4514 §2.4',
    check: ({ content }) =>
      content.some((octet) => octet < 0x20 || octet === 0x7f) ? 'has control characters' : undefined,
  }),
  forEachAttribute({
    rule: 'rfc5280_no_address_in_subject',
    section: 'RFC 5280 §4.1.2.6',
    check: ({ oid }) =>
      oid === ATTRIBUTE_OID.emailAddress ? 'belongs among the alternative names, as rfc822Name' : undefined,
  }),
];

interface AttributeRule extends Omit<LintRule, 'check'> {
  /** The problem. The message is the OID of the attribute and this text. */
  readonly check: (attribute: AttributeView) => string | undefined;
}

const STRING_TAGS: readonly number[] = [TAG.utf8String, TAG.printableString];

/** The maximum lengths of the attributes that are DirectoryStrings. */
const LENGTHS: ReadonlyMap<string, number> = new Map([
  [ATTRIBUTE_TYPE.C, 2],
  [ATTRIBUTE_TYPE.ST, 128],
  [ATTRIBUTE_TYPE.L, 128],
  [ATTRIBUTE_TYPE.O, 64],
  [ATTRIBUTE_TYPE.OU, 64],
  [ATTRIBUTE_TYPE.CN, 64],
]);

function forEachAttribute({ check, ...rule }: AttributeRule): LintRule {
  return {
    ...rule,
    check: ({ subject: { attributes } }) => {
      for (const attribute of attributes) {
        const problem = check(attribute);
        if (problem !== undefined) return `the attribute ${attribute.oid} ${problem}`;
      }
      return undefined;
    },
  };
}

function textOf(content: Uint8Array): string {
  return Buffer.from(content).toString('utf8');
}

function isInAlphabet(tag: number, content: Uint8Array): boolean {
  if (tag === TAG.printableString) return PRINTABLE_STRING.test(Buffer.from(content).toString('latin1'));
  if (tag === TAG.utf8String) return isUtf8(content);
  return tag !== TAG.ia5String || isAscii(content);
}

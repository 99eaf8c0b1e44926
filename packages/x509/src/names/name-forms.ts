// The types of GeneralName that this package writes (RFC 5280 §4.2.1.6): their tag numbers, and the prefixes
// that tools use.
import { CONTEXT_SPECIFIC } from '../der/tags.ts';

/** One type: its tag number in the CHOICE, and the prefix that openssl and others print. */
interface NameForm {
  readonly tagNumber: number;
  readonly label: string;
}

export const NAME_FORMS = {
  rfc822Name: { tagNumber: 1, label: 'email' },
  dNSName: { tagNumber: 2, label: 'DNS' },
  uniformResourceIdentifier: { tagNumber: 6, label: 'URI' },
  iPAddress: { tagNumber: 7, label: 'IP' },
} as const satisfies Record<string, NameForm>;

export type NameType = keyof typeof NAME_FORMS;

/** The type of a name with this identifier octet. */
export function typeOfTag(tag: number | undefined): NameType | undefined {
  return tag === undefined ? undefined : TYPE_OF_TAG.get(tag);
}

/**
 * Splits a text such as `DNS:example.com` into its type and the rest. The prefix may be in upper or lower
 * case.
 */
export function splitLabel(text: string): { type: NameType | undefined; value: string } {
  const colon = text.indexOf(':');
  const label = text.slice(0, Math.max(colon, 0)).toLowerCase();
  const type = TYPES.find((each) => NAME_FORMS[each].label.toLowerCase() === label);
  return { type, value: type === undefined ? text : text.slice(colon + 1) };
}

const TYPES = Object.keys(NAME_FORMS) as readonly NameType[];
const TYPE_OF_TAG: ReadonlyMap<number, NameType> = new Map(
  TYPES.map((type) => [CONTEXT_SPECIFIC | NAME_FORMS[type].tagNumber, type]),
);

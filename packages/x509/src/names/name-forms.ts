// The forms of GeneralName that this package writes (RFC 5280 §4.2.1.6): tag numbers, and the words that tools put before a name.
import { CONTEXT_SPECIFIC } from '../der/tags.ts';

/** One form: its tag number in the CHOICE, and what openssl and others print before a name of it. */
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

/** The form that an identifier octet stands for. */
export function typeOfTag(tag: number | undefined): NameType | undefined {
  return tag === undefined ? undefined : TYPE_OF_TAG.get(tag);
}

/** A text without the word that says its form, and that form: `DNS:example.com`. The word may be in capitals or not. */
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

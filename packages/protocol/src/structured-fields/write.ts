// Writes structured fields (RFC 9651 §4.1). Throws TypeError for values that cannot be written, because they
// are mistakes of the program.
import type { BareItem, Dictionary, InnerList, Item, Member, Parameters } from './values.ts';
import { isInnerList } from './values.ts';

/**
 * Writes a dictionary (RFC 9651 §4.1.2).
 * @example
 * writeDictionary(new Map([['sig1', { value: { type: 'bytes', value: signature }, params: new Map() }]]));
 */
export function writeDictionary(members: Dictionary): string {
  return [...members]
    .map(([key, member]) => {
      if (!isInnerList(member) && member.value.type === 'boolean' && member.value.value) {
        return requireKey(key) + writeParameters(member.params);
      }
      return `${requireKey(key)}=${writeMember(member)}`;
    })
    .join(', ');
}

/**
 * Writes a list (RFC 9651 §4.1.1).
 * @example
 * writeList(readList('a,b')); // 'a, b'
 */
export function writeList(members: readonly Member[]): string {
  return members.map(writeMember).join(', ');
}

export function writeMember(member: Member): string {
  return isInnerList(member) ? writeInnerList(member) : writeItem(member);
}

export function writeInnerList({ items, params }: InnerList): string {
  return `(${items.map(writeItem).join(' ')})${writeParameters(params)}`;
}

export function writeItem({ value, params }: Item): string {
  return writeBareItem(value) + writeParameters(params);
}

function writeParameters(params: Parameters): string {
  let text = '';
  for (const [key, value] of params) {
    text += `;${requireKey(key)}`;
    if (value.type !== 'boolean' || !value.value) text += `=${writeBareItem(value)}`;
  }
  return text;
}

function writeBareItem(item: BareItem): string {
  switch (item.type) {
    case 'integer':
      return integerText(item.value);
    case 'decimal':
      return decimalText(item.value);
    case 'string':
      return stringText(item.value);
    case 'token':
      return item.value;
    case 'bytes':
      return `:${item.value.toBase64()}:`;
    case 'boolean':
      return item.value ? '?1' : '?0';
    case 'date':
      return `@${integerText(item.value)}`;
    case 'display':
      return displayText(item.value);
  }
}

const MOST = 999_999_999_999_999;

function integerText(value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) > MOST)
    throw new TypeError('not an integer of RFC 9651 §3.3.1');
  return String(value);
}

/** At least one digit after the point (§4.1.5). */
function decimalText(value: number): string {
  if (!(Math.abs(value) < 1e12)) throw new TypeError('not a decimal of RFC 9651 §3.3.2');
  return value.toFixed(3).replace(/0{1,2}$/, '');
}

function stringText(value: string): string {
  if (!/^[ -~]*$/.test(value))
    throw new TypeError('a string has only visible ASCII characters and spaces (RFC 9651 §3.3.3)');
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

function displayText(value: string): string {
  const octets = new TextEncoder().encode(value);
  const escaped = Array.from(octets, (octet) =>
    octet === 0x25 || octet === 0x22 || octet < 0x20 || octet > 0x7e
      ? `%${octet.toString(16).padStart(2, '0')}`
      : String.fromCharCode(octet),
  );
  return `%"${escaped.join('')}"`;
}

function requireKey(key: string): string {
  if (!/^[a-z*][a-z0-9_\-.*]*$/.test(key)) throw new TypeError('not a key of RFC 9651 §3.1.2');
  return key;
}

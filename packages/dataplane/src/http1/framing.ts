// Shared by both readers: the length of the body (RFC 9112 §6) and the options of Connection (RFC 9110
// §7.6.1).
import type { FieldSection } from './field-section.ts';
import { CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING } from './known-fields.ts';
import type { BodyFraming } from './messages.ts';

export const NO_BODY: BodyFraming = Object.freeze({ kind: 'length', length: 0 });
export const CHUNKED: BodyFraming = Object.freeze({ kind: 'chunked' });

/** A number with more digits would not be a safe integer. */
const MAX_DIGITS = 15;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * How the fields delimit the body; undefined if they do not.
 * @param refuse makes the error to throw
 */
export function announcedBody(
  section: FieldSection,
  version: '1.0' | '1.1',
  refuse: (message: string) => Error,
): BodyFraming | undefined {
  const length = section.value(CONTENT_LENGTH);
  const coding = section.value(TRANSFER_ENCODING);
  if (coding !== undefined) {
    if (version === '1.0' || length !== undefined || coding.toLowerCase() !== 'chunked') {
      throw refuse('Transfer-Encoding may only be chunked, in HTTP/1.1, without Content-Length.');
    }
    return CHUNKED;
  }
  if (length === undefined) return undefined;
  return length === '0' ? NO_BODY : { kind: 'length', length: wholeNumber(length, refuse) };
}

/** Whether the connection stays open after this message (RFC 9112 §9.3). */
export function keepsAlive(section: FieldSection, version: '1.0' | '1.1'): boolean {
  if (version === '1.0') return hasOption(section, 'keep-alive') && !hasOption(section, 'close');
  return !hasOption(section, 'close');
}

/** Whether Connection has the option. */
export function hasOption(section: FieldSection, option: string): boolean {
  const value = section.joined(CONNECTION);
  return value !== undefined && listHas(value, option);
}

/** Whether a comma-separated list has this member, in any case. */
export function listHas(list: string, member: string): boolean {
  if (list.length < member.length) return false;
  // Most lists have one member.
  if (!list.includes(',')) return list.length === member.length && list.toLowerCase() === member;
  return list
    .toLowerCase()
    .split(',')
    .some((item) => trimBlanks(item) === member);
}

function trimBlanks(item: string): string {
  return item.replace(/^[ \t]+|[ \t]+$/g, '');
}

/** Digits without a sign or a leading zero. Some parsers read a leading zero as octal. */
function wholeNumber(text: string, refuse: (message: string) => Error): number {
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index);
    if (digit < ZERO || digit > NINE) throw refuse('Content-Length is not a number.');
    value = value * 10 + digit - ZERO;
  }
  if (text === '' || text.charCodeAt(0) === ZERO)
    throw refuse('Content-Length is not a plain decimal number.');
  if (text.length > MAX_DIGITS) throw refuse('Content-Length is too large.');
  return value;
}

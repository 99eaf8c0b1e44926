// The rules for fields and control data of a binary message: those of HTTP/2 (RFC 9292 §3.6, RFC 9113 §8.2),
// so that no octet has a special meaning in HTTP/1.1. Refuses pseudo-fields.
import { type BinaryFields, invalidMessage } from './message.ts';

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE =
  /^(?:[\u0021-\u007E\u0080-\u00FF](?:[\t\u0020-\u007E\u0080-\u00FF]*[\u0021-\u007E\u0080-\u00FF])?)?$/;
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
const SCHEME = /^[a-z][a-z0-9+.-]{0,31}$/;
const AUTHORITY = /^[!$&'()*+,\-.0-9:;=A-Z[\]_a-z~%]*$/;
const TARGET = /^(?:\/[\u0021-\u007E]*|\*)$/;
const DIGITS = /^(?:0|[1-9]\d{0,14})$/;
/** Fields that belong to one connection (RFC 9113 §8.2.2). */
const OF_A_CONNECTION = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
]);

/** Throws `BinaryHttpError`. */
export function checkField(name: string, value: string): void {
  if (!NAME.test(name)) throw invalidMessage('A field has a name that is not a token in lower case.');
  if (!VALUE.test(value))
    throw invalidMessage(`The field ${name} has a value with control characters or blanks.`);
  if (OF_A_CONNECTION.has(name)) throw invalidMessage(`The field ${name} belongs to a connection.`);
}

/** Throws `BinaryHttpError`. */
export function checkControlData(head: {
  method: string;
  scheme: string;
  authority: string;
  path: string;
}): void {
  const { method, scheme, authority, path } = head;
  if (!METHOD.test(method)) throw invalidMessage('The method is not a token.');
  if (!SCHEME.test(scheme)) throw invalidMessage('The scheme is not valid.');
  if (!AUTHORITY.test(authority))
    throw invalidMessage('The authority has other characters than a host and a port.');
  if (!TARGET.test(path))
    throw invalidMessage('The path does not begin with a slash, or has other characters.');
}

/** The value of Content-Length; undefined if it is absent. Throws `BinaryHttpError`. */
export function announcedLength(fields: BinaryFields): number | undefined {
  let length: number | undefined;
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] !== 'content-length') continue;
    const value = fields[index + 1] as string;
    if (length !== undefined || !DIGITS.test(value))
      throw invalidMessage('Content-Length is not one number.');
    length = Number(value);
  }
  return length;
}

// The components of a message that a signature can cover (RFC 9421 §2), and their values. Refuses identifiers
// that the standard does not define, and values that it does not allow.

import { readDictionary, readItem } from '../structured-fields/read.ts';
import type { BareItem, Item, Member } from '../structured-fields/values.ts';
import { StructuredFieldError } from '../structured-fields/values.ts';
import { writeMember } from '../structured-fields/write.ts';
import { derivedValue } from './derived-components.ts';
import { MessageSignatureError, malformed } from './errors.ts';
import { strictText } from './known-fields.ts';
import type { FieldLines, RequestMessage, SignedMessage } from './message.ts';
import { fieldText, fieldValues } from './message.ts';

/** An identifier of a component: its name with parameters. */
export interface Component extends Item {
  readonly value: Extract<BareItem, { type: 'string' }>;
}

/**
 * Reads the short form of an identifier: the name, then its parameters as in the field.
 * @throws TypeError for text that is not an identifier
 * @example
 * component('@method');
 * component('content-digest;req');
 * component('@query-param;name="page"');
 */
export function component(text: string): Component {
  const [, name = '', rest = ''] = /^([^;]*)(.*)$/s.exec(text) ?? [];
  try {
    return componentOf(readItem(`"${name}"${rest}`));
  } catch (cause) {
    throw new TypeError(`"${text}" is not a component of a message (RFC 9421 §2)`, { cause });
  }
}

const FLAGS = new Set(['sf', 'bs', 'req', 'tr']);
const TEXTS = new Set(['key', 'name']);
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** An item of the field Signature-Input as an identifier. Throws `signature_malformed`. */
export function componentOf({ value, params }: Item): Component {
  if (value.type !== 'string') throw malformed('has a component whose name is not a string');
  const name = value.value;
  for (const [param, given] of params) {
    const isRight =
      (FLAGS.has(param) && given.type === 'boolean' && given.value) ||
      (TEXTS.has(param) && given.type === 'string');
    if (!isRight) throw malformed('has a component with an unknown parameter');
    if (name.startsWith('@') && param !== 'req' && param !== 'name') {
      throw malformed('has a derived component with a parameter for fields');
    }
  }
  if (params.has('name') !== (name === '@query-param')) throw malformed('has a component with a wrong name');
  if (params.has('bs') && (params.has('sf') || params.has('key'))) {
    throw malformed('has a component both as bytes and as a structured field');
  }
  if (!name.startsWith('@') && !FIELD_NAME.test(name)) throw malformed('has a component with a wrong name');
  return { value, params };
}

/** The same text for a component with its parameters in any order. */
export function identity({ value, params }: Component): string {
  const sorted = [...params].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return writeMember({ value, params: new Map(sorted) });
}

/**
 * The value of a component (RFC 9421 §2.1, §2.2). Throws `signature_invalid` if the message does not have it,
 * and `signature_malformed` if a signature cannot cover it.
 */
export function componentValue({ value, params }: Component, message: SignedMessage): string {
  const source = params.has('req') ? requestOf(message) : message;
  const name = value.value;
  const found = name.startsWith('@')
    ? derivedValue(name, params, source)
    : fieldComponent(name, params, params.has('tr') ? (source.trailers ?? []) : source.fields);
  if (found === undefined) throw absent(name);
  if (!/^[\t -~]*$/.test(found)) throw malformed(`covers ${name}, which has characters that are not ASCII`);
  return found;
}

/** §2.4. */
function requestOf(message: SignedMessage): RequestMessage {
  if (!('status' in message)) throw malformed('of a request has a component with "req"');
  if (message.request) return message.request;
  throw malformed('covers the request, which is not known here');
}

function fieldComponent(name: string, params: Component['params'], fields: FieldLines): string | undefined {
  const key = params.get('key')?.value;
  if (params.has('bs')) return bytesText(fieldValues(fields, name));
  const text = fieldText(fields, name);
  if (text === undefined) return undefined;
  try {
    if (key !== undefined) return memberText(readDictionary(text).get(String(key)));
    return params.has('sf') ? strictText(name, text) : text;
  } catch (error) {
    if (error instanceof StructuredFieldError) throw malformed(`covers ${name}, which is not well formed`);
    throw error;
  }
}

/** §2.1.2. */
function memberText(member: Member | undefined): string | undefined {
  return member && writeMember(member);
}

/** §2.1.3. Octets of a field are those of its text in Latin-1. */
function bytesText(values: readonly string[]): string | undefined {
  if (values.length === 0) return undefined;
  return values
    .map((value) => `:${Uint8Array.from(value, (character) => character.charCodeAt(0)).toBase64()}:`)
    .join(', ');
}

function absent(name: string): MessageSignatureError {
  return new MessageSignatureError(
    'signature_invalid',
    `The signature covers ${name}, which the message does not have.`,
  );
}

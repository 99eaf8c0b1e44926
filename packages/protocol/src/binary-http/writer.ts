// Writes Binary HTTP (RFC 9292): whole messages of known length, and messages of indeterminate length in
// parts. Refuses the same messages as the reader.
import { concatBytes } from '../bytes.ts';
import type { Bytes } from '../crypto/primitives.ts';
import { checkControlData, checkField } from './field-rules.ts';
import type { BinaryFields, BinaryRequestHead, BinaryResponseHead } from './message.ts';
import {
  INDETERMINATE_REQUEST,
  INDETERMINATE_RESPONSE,
  invalidMessage,
  KNOWN_REQUEST,
  KNOWN_RESPONSE,
} from './message.ts';
import { varint } from './varint.ts';

const NOTHING = new Uint8Array(0);
const END = Uint8Array.of(0);

/**
 * A whole request.
 * @example
 * const octets = writeBinaryRequest({ method: 'GET', scheme: 'https', authority, path: '/', fields: [] });
 */
export function writeBinaryRequest(
  head: BinaryRequestHead,
  content: Uint8Array = NOTHING,
  trailers: BinaryFields = [],
): Bytes {
  return concatBytes(
    varint(KNOWN_REQUEST),
    requestControl(head),
    ...knownParts(head.fields, content, trailers),
  );
}

/**
 * A whole response.
 * @example
 * const octets = writeBinaryResponse({ status: 200, fields: ['content-type', 'text/plain'] }, content);
 */
export function writeBinaryResponse(
  head: BinaryResponseHead,
  content: Uint8Array = NOTHING,
  trailers: BinaryFields = [],
): Bytes {
  const control = responseControl(head);
  return concatBytes(varint(KNOWN_RESPONSE), control, ...knownParts(head.fields, content, trailers));
}

/**
 * The beginning of a request of indeterminate length.
 * @example
 * send(beginBinaryRequest({ method: 'PUT', scheme: 'https', authority, path, fields: [] }));
 */
export function beginBinaryRequest(head: BinaryRequestHead): Bytes {
  return concatBytes(varint(INDETERMINATE_REQUEST), requestControl(head), ...fieldLines(head.fields), END);
}

/**
 * The beginning of a response of indeterminate length, after the informational ones (1xx).
 * @example
 * send(beginBinaryResponse({ status: 200, fields: [] }));
 */
export function beginBinaryResponse(
  head: BinaryResponseHead,
  information: readonly BinaryResponseHead[] = [],
): Bytes {
  const all = [...information, head];
  const parts = all.flatMap((one) => [responseControl(one), ...fieldLines(one.fields), END]);
  return concatBytes(varint(INDETERMINATE_RESPONSE), ...parts);
}

/**
 * A part of content of indeterminate length. It must not be empty.
 * @example
 * send(binaryContent(octets));
 */
export function binaryContent(octets: Uint8Array): Bytes {
  if (octets.length === 0) throw new TypeError('An empty part would end the content.');
  return concatBytes(varint(octets.length), octets);
}

/**
 * The end of a message of indeterminate length.
 * @example
 * send(endBinaryMessage());
 */
export function endBinaryMessage(trailers: BinaryFields = []): Bytes {
  return concatBytes(END, ...fieldLines(trailers), END);
}

function requestControl(head: BinaryRequestHead): Bytes {
  checkControlData(head);
  const { method, scheme, authority, path } = head;
  return concatBytes(...[method, scheme, authority, path].flatMap(withLength));
}

function responseControl({ status }: BinaryResponseHead): Bytes {
  if (status < 100 || status > 599) throw invalidMessage('The status is not from 100 to 599.');
  return varint(status);
}

function knownParts(fields: BinaryFields, content: Uint8Array, trailers: BinaryFields): Uint8Array[] {
  return [...knownSection(fields), varint(content.length), content, ...knownSection(trailers)];
}

function knownSection(fields: BinaryFields): Uint8Array[] {
  const lines = concatBytes(...fieldLines(fields));
  return [varint(lines.length), lines];
}

function fieldLines(fields: BinaryFields): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let index = 0; index < fields.length; index += 2) {
    const [name, value] = [(fields[index] as string).toLowerCase(), fields[index + 1] as string];
    checkField(name, value);
    lines.push(...withLength(name), ...withLength(value));
  }
  return lines;
}

function withLength(text: string): Uint8Array[] {
  const octets = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) throw invalidMessage('A text has characters above U+00FF, which are not octets.');
    octets[index] = code;
  }
  return [varint(octets.length), octets];
}

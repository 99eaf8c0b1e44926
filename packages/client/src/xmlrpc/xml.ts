// XML 1.0 as XML-RPC uses it: elements and text in UTF-8. Refuses document types (and so entities),
// processing instructions, other encodings, and documents that are larger or deeper than the limits.
import { SaxesParser } from 'saxes';
import { XmlRpcError } from './errors.ts';

export interface XmlElement {
  name: string;
  children: XmlElement[];
  /** The text of the element itself, without its children. */
  text: string;
}

/** The limits for a message. */
export interface XmlRpcLimits {
  /** Default: 1 MiB. */
  maxBytes?: number;
  /** The depth of nested arrays and structs. Default: 32. */
  maxDepth?: number;
}

export const defaultLimits: Required<XmlRpcLimits> = { maxBytes: 1024 * 1024, maxDepth: 32 };

/** The root element. Throws `XmlRpcError`. */
export function parseXml(octets: Uint8Array, limits: Required<XmlRpcLimits>): XmlElement {
  if (octets.length > limits.maxBytes) {
    throw new XmlRpcError(`the message is larger than ${limits.maxBytes} octets`);
  }
  const reading = createReading(limits.maxDepth * ELEMENTS_PER_LEVEL + OUTER_ELEMENTS);
  try {
    reading.parser.write(textOf(octets)).close();
  } catch (error) {
    if (error instanceof XmlRpcError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new XmlRpcError(`the message is not well-formed XML: ${reason}`, { cause: error, isNotXml: true });
  }
  return reading.root();
}

/** A struct in a struct: value, struct, member. An array: value, array, data. */
const ELEMENTS_PER_LEVEL = 3;
/** methodResponse, params, param, value, string. */
const OUTER_ELEMENTS = 5;

function createReading(maxElements: number): { parser: SaxesParser; root(): XmlElement } {
  const parser = new SaxesParser({ xmlns: false });
  const top: XmlElement = { name: '', children: [], text: '' };
  const open = [top];
  const add = (text: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => refuse('a document type, which may define entities'));
  parser.on('processinginstruction', () => refuse('a processing instruction'));
  parser.on('xmldecl', ({ encoding }) => {
    if (!/^(utf-8|us-ascii)$/i.test(encoding ?? 'utf-8')) refuse(`the encoding ${encoding}: send UTF-8`);
  });
  parser.on('opentag', ({ name }) => {
    if (open.length > maxElements) throw new XmlRpcError('the message is nested too deeply');
    const element = { name, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', add);
  parser.on('cdata', add);
  return { parser, root: () => top.children[0] ?? refuse('no element') };
}

function refuse(what: string): never {
  throw new XmlRpcError(`the message has ${what}`);
}

function textOf(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch (cause) {
    throw new XmlRpcError('the message is not UTF-8', { cause, isNotXml: true });
  }
}

/** The text of an element. Throws `TypeError` for characters that XML 1.0 (§2.2) does not allow. */
export function escapeXml(text: string): string {
  if (/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) {
    throw new TypeError('XML 1.0 has no control characters: send this text as octets (base64)');
  }
  // A reader turns a bare carriage return into a line feed (XML 1.0 §2.11).
  return text.replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? '');
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

// PEM (RFC 7468 §2–§3, the strict form): text before, between and after blocks is skipped, blocks themselves are exact.
// Refuses headers inside a block, lines other than 64 characters, non-canonical base64, labels that differ, oversized input.
import { X509Error } from './errors.ts';

/** One block: its label (`CERTIFICATE`, `PRIVATE KEY` …) and the octets it carries. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Buffer;
}

/** The text of one block, lines of 64 characters, with a final newline. */
export function encodePem(label: string, bytes: Uint8Array): string {
  if (!LABEL.test(label)) throw new TypeError('not a PEM label');
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  let lines = '';
  for (let start = 0; start < base64.length; start += LINE_LENGTH) {
    lines += `${base64.slice(start, start + LINE_LENGTH)}\n`;
  }
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

/**
 * All blocks of a text, in order; none is not an error.
 * @throws X509Error `pem_too_large` beyond `maxBytes` (default 1 MiB), `pem_invalid` with the number of the line at fault
 */
export function decodePem(text: string, { maxBytes = DEFAULT_MAX_BYTES } = {}): PemBlock[] {
  if (Buffer.byteLength(text) > maxBytes) {
    throw new X509Error('pem_too_large', `PEM text is larger than the limit of ${maxBytes} bytes`);
  }
  const lines = text.split(/\r?\n/);
  const blocks: PemBlock[] = [];
  for (let index = 0; index < lines.length; index++) {
    if (!lines[index]?.startsWith('-----')) continue;
    const label = labelOf(lines, index);
    const end = endOfBlock(lines, index, label);
    blocks.push({ label, bytes: decodeBody(lines, index + 1, end) });
    index = end;
  }
  return blocks;
}

/**
 * The octets of a text that holds exactly one block, which has this label.
 * @throws X509Error as `decodePem`, and `pem_invalid` for another label or number of blocks
 */
export function decodePemBlock(text: string, label: string): Buffer {
  const [block, ...others] = decodePem(text);
  if (block === undefined) throw new X509Error('pem_invalid', `no PEM block; expected ${label}`);
  if (block.label !== label)
    throw new X509Error('pem_invalid', `PEM block is ${block.label}; expected ${label}`);
  if (others.length > 0)
    throw new X509Error('pem_invalid', `${others.length + 1} PEM blocks; expected one ${label}`);
  return block.bytes;
}

const DEFAULT_MAX_BYTES = 1024 * 1024;
const LINE_LENGTH = 64;
/** RFC 7468 §3, `label`, bounded so that one may be quoted in an error. */
const LABEL = /^(?=.{1,64}$)[!-,.-~]+(?:[ -][!-,.-~]+)*$/;

function labelOf(lines: readonly string[], index: number): string {
  const label = /^-----BEGIN (.*)-----$/.exec(lines[index] ?? '')?.[1];
  if (label === undefined || !LABEL.test(label)) throw invalidLine(index, 'is not the beginning of a block');
  return label;
}

function endOfBlock(lines: readonly string[], begin: number, label: string): number {
  let end = begin + 1;
  while (end < lines.length && !lines[end]?.startsWith('-----')) end++;
  if (end === lines.length) throw invalidLine(begin, 'begins a block that does not end');
  if (lines[end] !== `-----END ${label}-----`) throw invalidLine(end, 'does not end the open block');
  return end;
}

function decodeBody(lines: readonly string[], start: number, end: number): Buffer {
  for (let index = start; index < end; index++) {
    const { length = 0 } = lines[index] ?? {};
    const isWhole = index === end - 1 ? length > 0 && length <= LINE_LENGTH : length === LINE_LENGTH;
    if (!isWhole) throw invalidLine(index, `does not hold ${LINE_LENGTH} characters of base64`);
  }
  const base64 = lines.slice(start, end).join('');
  const bytes = Buffer.from(base64, 'base64');
  // Node's decoder skips what it does not know; only canonical base64 survives the way back.
  if (base64 === '' || bytes.toString('base64') !== base64)
    throw invalidLine(start, 'begins a body that is not base64');
  return bytes;
}

function invalidLine(index: number, problem: string): X509Error {
  return new X509Error('pem_invalid', `PEM line ${index + 1} ${problem} (RFC 7468 §3)`);
}

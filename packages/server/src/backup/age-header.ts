// The header of an age file (c2sp.org/age): a stanza for each recipient, with the encrypted key of the file,
// and a MAC over the whole header. Refuses spellings that are not canonical.
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Identity, Recipient, Stanza } from './age-stanza.ts';
import { base64, decodeBase64, FILE_KEY_BYTES } from './age-stanza.ts';
import type { OctetReader } from './octet-reader.ts';
import { ALTERED, unreadable } from './unreadable.ts';

const VERSION_LINE = 'age-encryption.org/v1';
const MAC_BYTES = 32;
/** Every line of a stanza's body is full, except the last one. */
const BODY_COLUMNS = 64;
/** Limits for stanzas, also of unknown kinds. */
const MAX_LINE_BYTES = 8 * 1024;
const MAX_STANZAS = 100;
const MAX_BODY_LINES = 200;

export interface Header {
  octets: Buffer;
  fileKey: Buffer;
}

/** A new header, with a new key for the file. */
export async function createHeader(recipients: readonly Recipient[]): Promise<Header> {
  const fileKey = randomBytes(FILE_KEY_BYTES);
  const stanzas: string[] = [];
  for (const recipient of recipients) stanzas.push(textOf(await recipient.wrap(fileKey)));
  const covered = `${VERSION_LINE}\n${stanzas.join('')}---`;
  return { octets: Buffer.from(`${covered} ${base64(headerMac(fileKey, covered))}\n`), fileKey };
}

function textOf({ words, body }: Stanza): string {
  return `-> ${words.join(' ')}\n${base64(body)}\n`;
}

/** Reads a header, and returns the key of the file. Throws `backup_unreadable`. */
export async function readHeader(reader: OctetReader, identity: Identity): Promise<Buffer> {
  const lines: string[] = [];
  const next = async () => {
    const line = await readLine(reader);
    lines.push(line);
    return line;
  };
  if ((await next()) !== VERSION_LINE)
    throw unreadable(
      `is not a backup: it does not begin with ${VERSION_LINE}. Name a file of 'gatehouse backup'`,
    );
  const stanzas = await readStanzas(next);
  const [, mac] = /^--- (.+)$/.exec(lines.pop() ?? '') ?? [];
  const expected = decodeBase64(mac, MAC_BYTES);
  const fileKey = await identity.unwrap(stanzas);
  const covered = `${lines.join('\n')}\n---`;
  if (!timingSafeEqual(headerMac(fileKey, covered), expected)) throw unreadable(ALTERED);
  return fileKey;
}

/** The header up to the line with the MAC. Also reads that line. */
async function readStanzas(next: () => Promise<string>): Promise<Stanza[]> {
  const stanzas: Stanza[] = [];
  for (let line = await next(); line.startsWith('-> '); line = await next()) {
    if (stanzas.length === MAX_STANZAS) throw unreadable(ALTERED);
    stanzas.push({ words: line.slice(3).split(' '), body: await readBody(next) });
  }
  return stanzas;
}

async function readBody(next: () => Promise<string>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let count = 0; count < MAX_BODY_LINES; count += 1) {
    const line = await next();
    if (line.length > BODY_COLUMNS) throw unreadable(ALTERED);
    parts.push(decodeBase64(line));
    if (line.length < BODY_COLUMNS) return Buffer.concat(parts);
  }
  throw unreadable(ALTERED);
}

/** A line without its end. Reads octet by octet, because the header is short and binary data follows. */
async function readLine(reader: OctetReader): Promise<string> {
  let line = '';
  for (;;) {
    const octet = (await reader.next(1)).toString('latin1');
    if (octet === '\n') return line;
    line += octet;
    if (octet === '' || line.length > MAX_LINE_BYTES) return line;
  }
}

function headerMac(fileKey: Buffer, covered: string): Buffer {
  const key = hkdfSync('sha256', fileKey, '', 'header', 32);
  return createHmac('sha256', new Uint8Array(key)).update(covered).digest();
}

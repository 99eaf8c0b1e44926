// Parts of a file: asks for the rest (Range, RFC 9110 §14.2, with If-Range, §13.1.5), reads the answer, and
// stores beside a part which version of the file it comes from. Refuses to join parts of different versions.
import { constants } from 'node:fs';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { ClientError } from '../errors.ts';
import { parseHttpDate } from './http-date.ts';

/** The version of the file that a part comes from. */
export interface Partial {
  /** A strong ETag, or the date of the last change; undefined if a part cannot be continued. */
  validator: string | undefined;
}

const { O_CREAT, O_NOFOLLOW = 0, O_RDWR, O_TRUNC, O_WRONLY } = constants;

/**
 * How to open a part. Not through a link: its name can be foreseen, and in a shared folder another user could
 * put a link there, to a file of this one.
 */
export const partFlags = {
  begin: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
  goOn: O_RDWR | O_NOFOLLOW,
} as const;

/** The header of an answer. */
export interface AnswerHead {
  status: number;
  field(name: string): string | null;
}

/**
 * The fields that ask for the octets after the first `have`. They ask for no encoding: a range of a
 * compressed file would differ each time.
 * @example
 * const headers = rangeFields({ have: 1000, validator: '"v1"' });
 */
export function rangeFields({ have, validator }: Partial & { have: number }): Record<string, string> {
  const plain = { 'accept-encoding': 'identity' };
  if (have === 0 || validator === undefined) return plain;
  return { ...plain, range: `bytes=${have}-`, 'if-range': validator };
}

/** Only a strong validator guarantees the same octets (RFC 9110 §8.8.1, §8.8.2.2). */
export function validatorOf({ field }: AnswerHead): string | undefined {
  if (field('content-encoding') !== null) return undefined;
  const tag = field('etag');
  if (tag?.startsWith('"')) return tag;
  const modified = field('last-modified');
  const [date = Number.NaN, changed = Number.NaN] = [field('date'), modified].map((each) =>
    parseHttpDate(each),
  );
  const isOlder = date - changed >= 1000;
  return modified !== null && tag === null && isOlder ? modified : undefined;
}

/** Where the octets of the answer begin. Throws if that is not the requested position. */
export function startOf({ status, field }: AnswerHead, asked: number): number {
  if (status !== 206) return 0;
  const range = field('content-range') ?? '';
  const [, from] = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(range) ?? [];
  if (from !== undefined && Number(from) === asked) return asked;
  throw new ClientError(
    'protocol',
    `the server answered with the part ${range}, but the client asked for the part from ${asked} on`,
  );
}

/** Whether the part is from another version: a server may ignore If-Range (RFC 9110 §15.3.7.3). */
export function isOfOther({ status, field }: AnswerHead, { validator }: Partial): boolean {
  if (status !== 206 || validator === undefined) return false;
  const own = field(validator.startsWith('"') ? 'etag' : 'last-modified');
  return own !== null && own !== validator;
}

/** Refuses more octets than the size that the answer names. */
export function requireWithin(head: AnswerHead, position: number): void {
  const total = totalOf(head);
  if (total === 0 || position <= total) return;
  throw new ClientError(
    'protocol',
    `the server sent more octets than the ${total} that it named as the size of the file`,
  );
}

/** The size of the whole file, if the answer says so; otherwise 0. */
export function totalOf({ field }: AnswerHead): number {
  return Number(/\/(\d+)$/.exec(field('content-range') ?? '')?.[1] ?? 0);
}

/** Whether the file is complete: the server answers 416. */
export function isWhole({ status, field }: AnswerHead, have: number): boolean {
  return status === 416 && field('content-range') === `bytes */${have}`;
}

/** Undefined if there is no part that can be continued. */
export async function readNote(part: string): Promise<Partial | undefined> {
  const [text] = await Promise.all([readFile(noteOf(part), 'utf8'), access(part)]).catch(() => ['']);
  const validator = String(text);
  const isValid = STRONG_TAG.test(validator) || parseHttpDate(validator) !== undefined;
  return isValid ? { validator } : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const STRONG_TAG = /^"[^"\x00-\x1f\x7f\u0100-\uffff]*"$/;

export async function writeNote(part: string, { validator }: Partial): Promise<void> {
  if (validator === undefined) await removeNote(part);
  else await writeFile(noteOf(part), validator, { flag: partFlags.begin });
}

export async function removeNote(part: string): Promise<void> {
  await rm(noteOf(part), { force: true });
}

function noteOf(part: string): string {
  return `${part}.version`;
}

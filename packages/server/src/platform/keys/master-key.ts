// The file with the master keys: one key on each line, 32 octets in base64. The first one seals, and all of
// them open: while the master key is replaced, the file has the new key and the old one. See
// docs/wire/sealed-secret.md
import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { GatehouseError } from '@gatehouse/access';
import type { DataFolder } from '../data-folder/data-folder.ts';
import { readingProblem } from '../problems/file-problem.ts';
import { readTextFile } from '../text.ts';

export interface MasterKey {
  /** Identifies the key without revealing anything about it. */
  readonly id: string;
  readonly octets: Buffer;
}

/** The key that seals, then those that only open. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]];

/** The name of the file in the data folder. */
export const MASTER_KEY_FILE = 'master.key';
const BYTES = 32;
/** Both alphabets of base64 (RFC 4648 §4, §5). Node's decoder would skip other characters. */
const BASE64 = /^[A-Za-z0-9+/_-]+=*$/;

/** Where the master keys are, and whether the server may write there. */
export interface MasterKeyPlace {
  path: string;
  isOurs: boolean;
}

export function masterKeyPlace(folder: DataFolder, file: string | undefined): MasterKeyPlace {
  return { path: file ?? folder.file(MASTER_KEY_FILE), isOurs: file === undefined };
}

/** Throws `master_key_missing`, or `master_key_wrong` if the file has other content. */
export function readMasterKeys({ path, isOurs }: MasterKeyPlace): MasterKeys {
  if (existsSync(path)) return parse(readFile(path), path);
  throw new GatehouseError(
    'master_key_missing',
    isOurs
      ? `The master key ${path} is missing, but the data folder has secrets that are sealed under it: restore the key from your backup.`
      : `The master key file ${path} does not exist: create it with 'openssl rand -base64 32', mode 0600.`,
  );
}

function readFile(path: string): string {
  try {
    return readTextFile(path, 'master_key_wrong');
  } catch (error) {
    const reason = readingProblem(error);
    if (reason === undefined) throw error;
    const detail = `The master key ${path} cannot be read: ${reason}. Give it to the user of the server, mode 0600.`;
    throw new GatehouseError('master_key_wrong', detail, { cause: error });
  }
}

export function newMasterKey(): MasterKey {
  return masterKey(randomBytes(BYTES));
}

/** The content of the file. */
export function masterKeysText(keys: MasterKeys): string {
  return keys.map(({ octets }) => `${octets.toString('base64')}\n`).join('');
}

/** A key for one purpose (RFC 5869). */
export function deriveKey({ octets }: Pick<MasterKey, 'octets'>, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', octets, '', `gatehouse:${info}`, 32));
}

function parse(text: string, path: string): MasterKeys {
  const [first, ...others] = text.split('\n').filter((line) => line.trim() !== '');
  const keys = [first ?? '', ...others].map((line) => parseLine(line, path, text.length));
  return keys as [MasterKey, ...MasterKey[]];
}

function parseLine(line: string, path: string, length: number): MasterKey {
  const base64 = line.replaceAll(/\s/g, '');
  const octets = Buffer.from(base64, 'base64');
  if (octets.length === BYTES && BASE64.test(base64)) return masterKey(octets);
  throw new GatehouseError(
    'master_key_wrong',
    `The master key file ${path} must have ${BYTES} bytes in base64 and nothing else; it has ${length} ` +
      'characters: restore the key from your backup.',
  );
}

function masterKey(octets: Buffer): MasterKey {
  const id = createHash('sha256').update(deriveKey({ octets }, 'id')).digest('base64url').slice(0, 12);
  return { id, octets };
}

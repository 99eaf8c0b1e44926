// `gatehouse fernet inspect`: the parts of a token or of a file of frames (Fernet specification, "Token
// format"; docs/wire/fernet-frames.md). Decrypts nothing, and needs no key.
import {
  createFernet,
  createFernetFrames,
  FernetError,
  type FernetFrameFacts,
  generateFernetKey,
  isFernetFrames,
  readFernetToken,
} from '@gatehouse/protocol';
import { exitStatus } from '../../exit-status.ts';
import { printFacts } from '../../output/facts.ts';
import { printJson } from '../../output/print.ts';
import { fromNow } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { refused, refusedBy } from './deliver.ts';
import { FRAMES_BEGINNING, openInput, type Peeked, peek } from './input.ts';
import { findKeys } from './keys.ts';
import { readTokenText } from './token-text.ts';

export interface FernetInspectFlags {
  keyFile?: string;
  json?: boolean;
}

export async function fernetInspect(
  this: CliContext,
  flags: FernetInspectFlags,
  path?: string,
): Promise<void> {
  const keys = await findKeys(flags.keyFile, this.process);
  const { name, octets } = await openInput(path, this.process);
  const content = await peek(octets, FRAMES_BEGINNING);
  const subject = { keys, name, content };
  const { document, facts } = await (isFernetFrames(content.beginning) ? framesOf : tokenOf)(subject);
  if (flags.json) printJson(this.process, document);
  else printFacts(this, facts);
  if (document.hmacValid === false) this.process.exitCode = exitStatus.failed;
}

interface Subject {
  keys: readonly string[] | undefined;
  name: string;
  content: Peeked;
}

interface Findings {
  /** For programs. `hmacValid` is null without a key. */
  document: { form: string; hmacValid: boolean | null } & Record<string, unknown>;
  /** For people. */
  facts: readonly (readonly [name: string, value: unknown])[];
}

const BLOCK = 16;

async function tokenOf({ keys, name, content }: Subject): Promise<Findings> {
  const token = (await readTokenText(content, name)) ?? '';
  const fields = readFernetToken(token);
  if (fields === undefined)
    throw refused(`${name} is neither a Fernet token nor a file of frames`, { code: 'fernet_invalid_token' });
  const { timeSeconds, iv, ciphertext, hmac } = fields;
  const key = keys === undefined ? undefined : await makerOf(token, keys);
  const hmacValid = keys === undefined ? null : key !== undefined;
  return {
    document: {
      form: 'token',
      version: 0x80,
      timestamp: timeSeconds,
      time: timeText(timeSeconds) ?? null,
      iv: hex(iv),
      ciphertextLength: ciphertext.length,
      hmac: hex(hmac),
      hmacValid,
      key: key ?? null,
    },
    facts: [
      ['form', 'Fernet token'],
      ['version', '0x80'],
      ['time', timeWords(timeSeconds)],
      ['iv', hex(iv)],
      ['ciphertext', lengthWords(ciphertext.length, 1)],
      ['hmac', hex(hmac)],
      ['authentic', verdict(hmacValid, key === undefined ? '' : `made with ${nameOf(key, keys ?? [])}`)],
    ],
  };
}

async function framesOf({ keys, name, content }: Subject): Promise<Findings> {
  const known = keys ?? [generateFernetKey()]; // without keys, the result of this one is not used
  const facts = await createFernetFrames(known)
    .inspect(content.octets())
    .catch((error) => {
      throw error instanceof FernetError ? refusedBy(error, name) : error;
    });
  const hmacValid = keys === undefined ? null : facts.firstBadFrame === undefined;
  return {
    document: {
      form: 'frames',
      version: 1,
      timestamp: facts.timeSeconds,
      time: timeText(facts.timeSeconds) ?? null,
      salt: hex(facts.salt),
      frames: facts.frames,
      ciphertextLength: facts.ciphertextLength,
      hmacValid,
      firstBadFrame: keys === undefined ? null : (facts.firstBadFrame ?? null),
    },
    facts: [
      ['form', 'frames, version 1'],
      ['time', timeWords(facts.timeSeconds)],
      ['salt', hex(facts.salt)],
      ['frames', facts.frames],
      ['ciphertext', lengthWords(facts.ciphertextLength, facts.frames)],
      ['authentic', verdict(hmacValid, 'every frame is in its place', badFrame(facts))],
    ],
  };
}

/** The number of the key that made the token, from 1. */
async function makerOf(token: string, keys: readonly string[]): Promise<number | undefined> {
  for (const [index, key] of keys.entries()) {
    if (await createFernet(key).isAuthentic(token)) return index + 1;
  }
  return undefined;
}

function nameOf(key: number, keys: readonly string[]): string {
  return keys.length === 1 ? 'this key' : `key ${key} of ${keys.length}`;
}

function verdict(hmacValid: boolean | null, yes: string, no = 'made with another key, or changed'): string {
  if (hmacValid === null) return 'not checked: there is no key in SECRET_KEY or --key-file';
  return hmacValid ? `yes: ${yes}` : `no: ${no}`;
}

function badFrame({ firstBadFrame, frames }: FernetFrameFacts): string {
  if (firstBadFrame === 0) return 'made with another key, or changed';
  return `frame ${firstBadFrame} of ${frames} was changed or moved, or the file was truncated`;
}

/** Each token has 1 to 16 octets of padding. */
function lengthWords(ciphertextLength: number, tokens: number): string {
  const least = Math.max(0, ciphertextLength - tokens * BLOCK);
  return `${ciphertextLength} octets, for ${least} to ${ciphertextLength - tokens} of plaintext`;
}

function timeWords(seconds: number): string {
  const text = timeText(seconds);
  return text === undefined ? `${seconds} s after 1970` : `${text}, ${fromNow(text, new Date())}`;
}

/** Undefined for a time outside of the calendar. */
function timeText(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('.000Z', 'Z');
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

// The keys that have signed for servers so far, like `known_hosts` of SSH: for the keys of sealed requests
// and of encrypted endpoints. A key is stored after it was verified. From then on, another key is refused
// until the user names it.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pinDigits } from '@gatehouse/protocol';
import { CliError, exitStatus } from '../exit-status.ts';
import { remark } from '../output/print.ts';
import type { CliProcess } from '../process.ts';
import { configFolder } from './config-folder.ts';
import { exclusively, readOwnFile, replaceOwnFile } from './own-file.ts';

/** The server that a key signs for, and the roots that certify it. Other roots mean another authority. */
export interface SignerPlace {
  use: 'seal' | 'channel';
  origin: string;
  /** PEM; undefined for those of Node. */
  roots: string | undefined;
}

export interface KnownSigner {
  /** `sha256/BASE64` of the key. */
  pin: string;
  /** The newest epoch of the keys that it has signed, for sealed requests. */
  epoch?: number;
  /** RFC 3339. */
  since: string;
}

interface Entry extends KnownSigner {
  use: SignerPlace['use'];
  origin: string;
  /** The hash of the roots. */
  roots: string;
}

/** The oldest are forgotten. */
const MOST_ENTRIES = 1000;
const FILE = 'known-signers.json';

/** Undefined if none is stored, or if this user has no home folder. Throws `CliError`. */
export async function knownSigner({ env }: CliProcess, place: SignerPlace): Promise<KnownSigner | undefined> {
  const path = signersFile(env);
  return path === undefined ? undefined : (await readEntries(path)).find(isFor(place));
}

/** Replaces the stored signer. Warns if this user has no home folder. */
export async function rememberSigner(
  process: CliProcess,
  place: SignerPlace,
  { pin, epoch }: Omit<KnownSigner, 'since'>,
): Promise<void> {
  const path = signersFile(process.env);
  if (path === undefined) return remark(process, NO_HOME);
  try {
    await exclusively(path, async () => {
      const entries = await readEntries(path);
      const before = entries.find(isFor(place));
      const since = before?.pin === pin ? before.since : new Date().toISOString();
      const newest = before?.pin === pin ? Math.max(before.epoch ?? 0, epoch ?? 0) : epoch;
      const { use, origin } = place;
      const entry = { use, origin, roots: idOf(place.roots), pin, since, ...(newest && { epoch: newest }) };
      if (before && JSON.stringify(before) === JSON.stringify(entry)) return;
      const others = entries.filter((one) => one !== before);
      await replaceOwnFile(path, [...others, entry].slice(-MOST_ENTRIES));
    });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    remark(process, `gatehouse: warning: the signer is not remembered: ${error.message}`);
  }
}

const NO_HOME = 'gatehouse: warning: the signer is not remembered, because this user has no home folder';

/** The message for a signer that differs from the stored one. `option` names a signer that is accepted. */
export function otherSigner(
  { origin }: Pick<SignerPlace, 'origin'>,
  { pin, known }: { pin: string; known: KnownSigner },
  option: '--pin' | '--seal-pin',
): CliError {
  const found = `the keys of ${origin} are signed by ${pin} (${pinDigits(pin)})`;
  const before = `since ${known.since.slice(0, 10)} it was ${known.pin}`;
  const advice = `if the operator confirms these digits, give the new pin once with ${option}`;
  return new CliError(
    exitStatus.pin,
    `${found}, and ${before}: someone on the way may have replaced them; ${advice}`,
  );
}

/** The file of the signers; undefined for a user without a home folder. */
export function signersFile(env: NodeJS.ProcessEnv): string | undefined {
  const folder = configFolder(env);
  return folder && join(folder, FILE);
}

async function readEntries(path: string): Promise<Entry[]> {
  const entries = await readOwnFile(path).catch((error) => {
    throw error instanceof SyntaxError ? damaged(path) : error;
  });
  if (entries === undefined) return [];
  if (Array.isArray(entries) && entries.every(isEntry)) return entries;
  throw damaged(path);
}

function isEntry(value: unknown): value is Entry {
  const { use, origin, roots, pin, since, epoch = 0 } = Object(value) as Record<string, unknown>;
  const texts = [use, origin, roots, pin, since];
  return texts.every((text) => typeof text === 'string') && Number.isSafeInteger(epoch);
}

function isFor({ use, origin, roots }: SignerPlace): (entry: Entry) => boolean {
  const id = idOf(roots);
  return (entry) => entry.use === use && entry.origin === origin && entry.roots === id;
}

function idOf(roots: string | undefined): string {
  if (roots === undefined) return 'node';
  return createHash('sha256').update(roots.trim()).digest('base64url').slice(0, 22);
}

function damaged(path: string): CliError {
  const advice = 'remove it, and compare the digits of the signers again';
  return new CliError(exitStatus.failed, `${path} is damaged: ${advice}`);
}

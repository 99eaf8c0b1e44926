// The tokens of a person, and where they are kept: in memory, or in a file that only its owner can read.
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What an authorization server issued. */
export interface Tokens {
  issuer: string;
  clientId: string;
  accessToken: string;
  /** Milliseconds since 1970, if the server says when. */
  expiresAt?: number | undefined;
  refreshToken?: string | undefined;
  idToken?: string | undefined;
  scope?: string | undefined;
  /** The key that the tokens are bound to (RFC 9449), with its private part. */
  proofKey?: JsonWebKey | undefined;
}

/** Keeps the tokens of one person at one server. */
export interface TokenStore {
  read(): Promise<Tokens | undefined>;
  /** Undefined removes them. */
  write(tokens: Tokens | undefined): Promise<void>;
  /** Runs `work` while no other program does. Default: it just runs. A refresh token is accepted once. */
  exclusively?<T>(work: () => Promise<T>): Promise<T>;
}

/** Tokens in memory. */
export function memoryTokens(): TokenStore {
  let kept: Tokens | undefined;
  return {
    read: async () => kept,
    async write(tokens) {
      kept = tokens;
    },
  };
}

/**
 * Tokens in a JSON file that only its owner can read. Several programs can share it.
 * @example
 * const calling = client().with(oauth2.device({ issuer, clientId, show, store: tokenFile('tokens.json') }));
 */
export function tokenFile(file: string): TokenStore {
  return {
    async read() {
      const text = await readIfPresent(file);
      return text === undefined ? undefined : JSON.parse(text);
    },
    async write(tokens) {
      if (tokens === undefined) return rm(file, { force: true });
      const temporary = `${file}.${randomUUID()}`;
      await writeFile(temporary, JSON.stringify(tokens, null, 2), { mode: 0o600 });
      await rename(temporary, file);
    },
    async exclusively(work) {
      const lock = `${file}.lock`;
      await take(lock);
      try {
        return await work();
      } finally {
        await rm(lock, { force: true });
      }
    },
  };
}

const LOCK_PAUSE_MS = 50;
/** A program that stopped leaves its lock behind. A refresh takes far less. */
const STALE_LOCK_MS = 60_000;

async function take(lock: string): Promise<void> {
  for (;;) {
    const handle = await open(lock, 'wx', 0o600).catch((error) => {
      if (error.code === 'EEXIST') return undefined;
      throw error;
    });
    if (handle !== undefined) return handle.close();
    const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > STALE_LOCK_MS) await rm(lock, { force: true });
    else await sleep(LOCK_PAUSE_MS);
  }
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

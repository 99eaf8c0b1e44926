// The tokens of a person, and where they are stored: in memory, or in a file that only its owner can read.
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { whileLocked } from '../lock.ts';

/** What an authorization server issued. */
export interface Tokens {
  issuer: string;
  clientId: string;
  accessToken: string;
  /** Milliseconds since 1970, if the server says when. */
  expiresAt?: number | undefined;
  /** Gets the next tokens. It is accepted once. */
  refreshToken?: string | undefined;
  /** Says who signed in (OpenID Connect). */
  idToken?: string | undefined;
  /** The scopes that were granted. */
  scope?: string | undefined;
  /** The key that the tokens are bound to (RFC 9449), with its private part. */
  proofKey?: JsonWebKey | undefined;
}

/** Stores the tokens of one person at one server. */
export interface TokenStore {
  read(): Promise<Tokens | undefined>;
  /** Undefined removes them. */
  write(tokens: Tokens | undefined): Promise<void>;
  /** Runs `work` while no other program does, because a refresh token is accepted once. Default: no lock. */
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
    exclusively: (work) => whileLocked(`${file}.lock`, work),
  };
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

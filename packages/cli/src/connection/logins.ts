// The tokens of `gatehouse login`, by the origin that they are for, in a file that only its owner can read.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fetch, StoredGrant, TokenStore, Tokens } from '@gatehouse/client/oauth';
import { CliError, exitStatus } from '../exit-status.ts';
import { remark } from '../output/print.ts';
import type { CliProcess } from '../process.ts';
import { configFolder } from './config-folder.ts';
import { explained } from './oauth.ts';
import { exclusively, readOwnFile, replaceOwnFile } from './own-file.ts';

/** A sign-in at one server. */
export interface Login extends Tokens {
  /** The resource that the tokens are for. Undefined: the server's default, its gateway. */
  resource?: string | undefined;
}

type Logins = Record<string, Login>;

/** All sign-ins, by origin. Throws `CliError`. */
export async function readLogins({ env }: Pick<CliProcess, 'env'>): Promise<Logins> {
  if (configFolder(env) === undefined) return {};
  const path = loginsFile(env);
  try {
    return ((await readOwnFile(path)) ?? {}) as Logins;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CliError(exitStatus.failed, `${path} is damaged: remove it, and sign in again`);
  }
}

/** `undefined` removes the sign-in. Throws `CliError`. */
export async function writeLogin(
  { env }: Pick<CliProcess, 'env'>,
  origin: string,
  login: Login | undefined,
): Promise<void> {
  const { [origin]: _, ...others } = await readLogins({ env });
  await replaceOwnFile(loginsFile(env), login === undefined ? others : { ...others, [origin]: login });
}

/** The sign-in of an origin, for the library. */
export function grantOf(
  process: Pick<CliProcess, 'env'>,
  origin: string,
  { issuer, clientId, resource }: Pick<Login, 'issuer' | 'clientId' | 'resource'>,
): StoredGrant {
  const store: TokenStore = {
    read: async () => (await readLogins(process))[origin],
    write: (tokens) => writeLogin(process, origin, tokens && loginOf(tokens, resource)),
    // A refresh token is accepted once: if two commands run at the same time, the second uses the tokens of
    // the first.
    exclusively: (work) => exclusively(loginsFile(process.env), work),
  };
  return { issuer, clientId, ...(resource !== undefined && { resource }), store };
}

/** Without the ID token, which no command needs. */
export function loginOf({ idToken: _, ...tokens }: Tokens, resource: string | undefined): Login {
  return { ...tokens, ...(resource !== undefined && { resource }) };
}

/** A valid token for this origin; undefined if there is no sign-in for it. Throws `CliError`. */
export async function loginToken(
  process: CliProcess,
  origin: string,
  openFetch: () => Promise<{ fetch: Fetch; close(): Promise<void> }>,
): Promise<string | undefined> {
  const login = (await readLogins(process))[origin];
  if (login === undefined) return undefined;
  await warnIfShared(process);
  const { storedTokens } = await import('@gatehouse/client/oauth');
  let opening: ReturnType<typeof openFetch> | undefined; // a fresh token needs no connection
  const fetch: Fetch = async (url, init) => {
    opening ??= openFetch();
    return (await opening).fetch(url, init);
  };
  try {
    const tokens = await explained(() => storedTokens(fetch, grantOf(process, origin, login)));
    if (tokens !== undefined) return tokens.accessToken;
  } finally {
    await (await opening)?.close();
  }
  throw signedOut(origin);
}

function signedOut(origin: string): CliError {
  return new CliError(
    exitStatus.failed,
    `the sign-in at ${origin} is over: sign in again with 'gatehouse login'`,
  );
}

function loginsFile(env: NodeJS.ProcessEnv): string {
  const folder = configFolder(env);
  if (folder !== undefined) return join(folder, 'logins.json');
  throw new CliError(
    exitStatus.failed,
    'this user has no home folder for sign-ins: set HOME, or give --token-file',
  );
}

async function warnIfShared(process: CliProcess): Promise<void> {
  const path = loginsFile(process.env);
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  remark(process, `gatehouse: warning: ${path} can be read by other users: chmod 600 ${path}`);
}

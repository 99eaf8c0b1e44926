// The tokens of `gatehouse login`, by the origin that they are for, in a file that only its owner can read.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, exitStatus } from '../exit-status.ts';
import { remark } from '../output/print.ts';
import type { CliProcess } from '../process.ts';
import { configFolder } from './config-folder.ts';
import type { Fetch, Tokens } from './oauth.ts';
import { exclusively, readOwnFile, replaceOwnFile } from './own-file.ts';

/** A sign-in at one server. */
export interface Login extends Tokens {
  /** The server that signed the person in. */
  issuer: string;
  clientId: string;
  /** For which the tokens are. */
  resource: string | undefined;
  scope: string;
}

type Logins = Record<string, Login>;

/** A token is refreshed this long before it ends. */
const EARLY_MS = 30_000;

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

/** A token for this origin that is valid now; undefined if no one signed in for it. Throws `CliError`. */
export async function loginToken(
  process: CliProcess,
  origin: string,
  openFetch: () => Promise<{ fetch: Fetch; close(): Promise<void> }>,
): Promise<string | undefined> {
  const login = (await readLogins(process))[origin];
  if (login === undefined) return undefined;
  await warnIfShared(process);
  if (isFresh(login)) return login.accessToken;
  // A refresh token counts once: of two commands at the same time, the second takes what the first has got.
  return exclusively(loginsFile(process.env), async () => {
    const current = (await readLogins(process))[origin];
    if (current === undefined) throw signedOut(origin);
    return isFresh(current) ? current.accessToken : refresh(process, origin, { login: current, openFetch });
  });
}

function isFresh({ expiresAt }: Login): boolean {
  return expiresAt - EARLY_MS > Date.now();
}

async function refresh(
  process: CliProcess,
  origin: string,
  { login, openFetch }: { login: Login; openFetch: () => Promise<{ fetch: Fetch; close(): Promise<void> }> },
): Promise<string> {
  if (login.refreshToken === undefined) throw signedOut(origin);
  const { fetch, close } = await openFetch();
  try {
    const { openOauth } = await import('./oauth.ts');
    const server = await openOauth(login.issuer, login.clientId, fetch);
    const tokens = await server.refresh(login.refreshToken, login);
    const refreshToken = tokens.refreshToken ?? login.refreshToken;
    await writeLogin(process, origin, { ...login, ...tokens, refreshToken });
    return tokens.accessToken;
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'invalid_grant') throw error;
    await writeLogin(process, origin, undefined);
    throw signedOut(origin);
  } finally {
    await close();
  }
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

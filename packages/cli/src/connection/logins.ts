// The tokens of `gatehouse login`, by the origin that they are for, in a file that only its owner can read.
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, cannotRead, cannotWrite, exitStatus } from '../exit-status.ts';
import { remark } from '../output/print.ts';
import type { CliProcess } from '../process.ts';
import { configFolder } from './config-folder.ts';
import type { Fetch, Tokens } from './oauth.ts';

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
    return JSON.parse(await readFile(path, 'utf8')) as Logins;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return {};
    if (error instanceof SyntaxError)
      throw new CliError(exitStatus.failed, `${path} is damaged: remove it, and sign in again`);
    throw cannotRead(path, error);
  }
}

/** `undefined` removes the sign-in. Throws `CliError`. */
export async function writeLogin(
  { env }: Pick<CliProcess, 'env'>,
  origin: string,
  login: Login | undefined,
): Promise<void> {
  const { [origin]: _, ...others } = await readLogins({ env });
  const path = loginsFile(env);
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await using file = await open(unfinished, 'wx', 0o600);
    await file.writeFile(
      `${JSON.stringify(login === undefined ? others : { ...others, [origin]: login })}\n`,
    );
    await file.sync();
  } catch (error) {
    await rm(unfinished, { force: true });
    throw cannotWrite(path, error);
  }
  await rename(unfinished, path);
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
  return exclusively(`${loginsFile(process.env)}.lock`, async () => {
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

const LOCK_POLL_MS = 50;
/** A command that was killed leaves its lock. */
const STALE_MS = 60_000;

/** Runs `act` while no other command does so. */
async function exclusively<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  while (!(await takeLock(path))) await sleep(LOCK_POLL_MS);
  try {
    return await act();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(path, error);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await rm(path, { force: true });
    return false;
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

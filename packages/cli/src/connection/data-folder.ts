// Where a server stores its data, and how commands find the server that runs there: by `control.json`, which
// the server writes when it starts and removes when it ends.
import { type Stats, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { CliError, cannotRead, exitStatus, usageError } from '../exit-status.ts';
import { decodeText, requireText } from '../input/decode-text.ts';
import type { CliProcess } from '../process.ts';

/** The only folder that is used without being named. */
const USUAL_FOLDER = '.gatehouse';

/** `--data`, otherwise `GATEHOUSE_DATA`, otherwise `./.gatehouse`; absolute, so that messages are clear. */
export function dataFolder(option: string | undefined, environment: NodeJS.ProcessEnv): string {
  requireText(environment.GATEHOUSE_DATA ?? '', 'GATEHOUSE_DATA');
  return resolve(option || environment.GATEHOUSE_DATA || USUAL_FOLDER);
}

/**
 * The same. If `./.gatehouse` was not named, it must be a folder in which this user ran `gatehouse up`, and
 * which only this user can change. Otherwise a folder from a project or from another user would add trust.
 * Throws `CliError`.
 */
export async function ownDataFolder(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const folder = dataFolder(option, environment);
  if (option || environment.GATEHOUSE_DATA) return folder;
  const found = statOf(folder);
  if (found === undefined) return folder;
  if (!isOfUserAlone(found)) throw fromOthers(folder, 'can also be changed by other users');
  const { isKnownFolder } = await import('./known-folders.ts');
  if (await isKnownFolder(environment, folder)) return folder;
  throw fromOthers(folder, "is not a folder in which this user ran 'gatehouse up'");
}

function statOf(folder: string): Stats | undefined {
  try {
    return statSync(folder);
  } catch {
    return undefined;
  }
}

/** A server starts here, or its data was restored here: from now on, this user need not name the folder. */
export async function rememberDataFolder(process: CliProcess, folder: string): Promise<void> {
  if (basename(folder) !== USUAL_FOLDER) return;
  await (await import('./known-folders.ts')).rememberFolder(process, folder);
}

function isOfUserAlone({ uid, mode }: Stats): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & OF_OTHERS) === 0);
}

const OF_OTHERS = 0o077;

function fromOthers(folder: string, why: string): CliError {
  return usageError(
    `${folder} ${why}, so it may come from others: name it with --data-folder (or --data) if you trust it, or give --ca`,
  );
}

/**
 * The path of the Unix socket of the server that runs on this data folder. Throws `CliError` when there is
 * none.
 */
export function controlSocket(folder: string): Promise<string> {
  return readControlFile(folder, 'socket');
}

/**
 * The URL of the control plane of the server that runs on this data folder. Throws `CliError` when there is
 * none.
 */
export function controlUrl(folder: string): Promise<string> {
  return readControlFile(folder, 'control');
}

/** The URL of the gateway of the server that runs on this data folder; `undefined` when there is none. */
export async function gatewayUrl(folder: string): Promise<string | undefined> {
  return readControlFile(folder, 'gateway').catch((error) => {
    if (error instanceof CliError && error.status === exitStatus.connect) return undefined;
    throw error;
  });
}

export function notRunning(folder: string, cause: unknown): CliError {
  const message = `no Gatehouse is running on data folder ${folder}: start one with 'gatehouse up --data ${folder}'`;
  return new CliError(exitStatus.connect, message, { cause, code: NOT_RUNNING });
}

const NOT_RUNNING = 'not_running';

/** Whether there is a data folder without a running server. */
export function isNotRunning(error: unknown): boolean {
  return error instanceof CliError && error.code === NOT_RUNNING;
}

/** Also false for a file. */
export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw cannotRead(path, error);
  });
  return found?.isDirectory() === true;
}

async function readControlFile(folder: string, member: 'socket' | 'control' | 'gateway'): Promise<string> {
  const path = join(folder, 'control.json');
  try {
    return parseMember(decodeText(await readFile(path), path), member);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') throw ofAnotherUser(folder, error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw cannotRead(path, error);
    throw await absent(folder, error);
  }
}

/** There is no server, no data of a server, or no folder. */
async function absent(folder: string, cause: unknown): Promise<CliError> {
  if (!(await isFolder(folder))) {
    const isThere = await stat(folder).then(
      () => true,
      () => false,
    );
    const what = isThere ? `${folder} is a file and no data folder` : `there is no data folder ${folder}`;
    return noFolder(what, cause);
  }
  const hasData = await stat(join(folder, 'gatehouse.db')).then(
    () => true,
    () => false,
  );
  return hasData ? notRunning(folder, cause) : noFolder(`${folder} is not a data folder of Gatehouse`, cause);
}

function noFolder(what: string, cause: unknown): CliError {
  const message = `${what}: name the right one with --data, or start a new one with 'gatehouse up'`;
  return new CliError(exitStatus.connect, message, { cause });
}

function ofAnotherUser(folder: string, cause: unknown): CliError {
  const message =
    `this user may not read the data folder ${folder}: run the command as the user of the server, ` +
    'or use --server with an access token';
  return new CliError(exitStatus.failed, message, { cause });
}

function parseMember(text: string, member: string): string {
  const value = (JSON.parse(text) as Record<string, unknown>)[member];
  if (typeof value !== 'string') throw new TypeError(`no member "${member}"`);
  return value;
}

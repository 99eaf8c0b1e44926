// Where a server stores its data, and how commands find the server that runs there: by `control.json`, which
// the server writes when it starts and removes when it ends.
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CliError, cannotRead, exitStatus, usageError } from '../exit-status.ts';
import { decodeText, requireText } from '../input/decode-text.ts';

/** `--data`, otherwise `GATEHOUSE_DATA`, otherwise `./.gatehouse`; absolute, so that messages are clear. */
export function dataFolder(option: string | undefined, environment: NodeJS.ProcessEnv): string {
  requireText(environment.GATEHOUSE_DATA ?? '', 'GATEHOUSE_DATA');
  return resolve(option || environment.GATEHOUSE_DATA || '.gatehouse');
}

/**
 * The same. `./.gatehouse` that no one named must be this user's alone, as `gatehouse up` makes it: a folder
 * that came with a project, or that another user made, would add trust. Throws `CliError`.
 */
export async function ownDataFolder(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const folder = dataFolder(option, environment);
  if (option || environment.GATEHOUSE_DATA) return folder;
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || process.getuid === undefined) return folder;
  if (found.uid === process.getuid() && (found.mode & OF_OTHERS) === 0) return folder;
  throw usageError(
    `${folder} does not belong to this user alone, so it may come from others: name it with --data-folder (or --data) if you trust it, or give --ca`,
  );
}

const OF_OTHERS = 0o077;

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

/** Whether there is a data folder, but no server that runs on it. */
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

/** No server, no data of one, or no folder. */
async function absent(folder: string, cause: unknown): Promise<CliError> {
  if (!(await isFolder(folder))) return noFolder(`there is no data folder ${folder}`, cause);
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

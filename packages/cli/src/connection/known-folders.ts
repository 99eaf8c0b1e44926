// The data folders that this user trusts without naming them: those in which this user has run `gatehouse
// up`. A random mark in the folder is also stored in the user's own files, as with `direnv allow` and git's
// `safe.directory`. A folder that came with a project has no such mark.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError, exitStatus } from '../exit-status.ts';
import { remark, visible } from '../output/print.ts';
import type { CliProcess } from '../process.ts';
import { configFolder } from './config-folder.ts';
import { exclusively, readOwnFile, replaceOwnFile } from './own-file.ts';

interface Entry {
  /** A link in a project to another folder of this user has another path. */
  path: string;
  /** Another folder that later takes this path has another mark. */
  mark: string;
}

const MARK_FILE = 'folder-mark';
const RECORD_FILE = 'data-folders.json';
const MARK_BYTES = 24;
/** The oldest are forgotten. */
const MOST_ENTRIES = 1000;

/** Whether this user has run a server in the folder. Throws `CliError` for a damaged record. */
export async function isKnownFolder(env: NodeJS.ProcessEnv, folder: string): Promise<boolean> {
  const record = recordFile(env);
  const mark = record && (await readMark(folder));
  if (record === undefined || mark === undefined) return false;
  const path = await pathOf(folder);
  return (await readEntries(record)).some((entry) => entry.path === path && entry.mark === mark);
}

/** Marks the folder, and creates it if there is none. Warns if the mark cannot be stored. */
export async function rememberFolder(process: CliProcess, folder: string): Promise<void> {
  const record = recordFile(process.env);
  if (record === undefined) return warn(process, folder, 'this user has no home folder');
  try {
    if (await isKnownFolder(process.env, folder)) return;
    const mark = await writeMark(folder).catch(() => undefined); // the server reports what is wrong with it
    if (mark === undefined) return;
    const path = await pathOf(folder);
    await exclusively(record, async () => {
      const others = (await readEntries(record)).filter((entry) => entry.path !== path);
      await replaceOwnFile(record, [...others, { path, mark }].slice(-MOST_ENTRIES));
    });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    warn(process, folder, error.message);
  }
}

function warn(process: CliProcess, folder: string, reason: string): void {
  const advice = `give other commands --data ${folder}`;
  remark(process, visible(`gatehouse: warning: ${folder} is not remembered: ${reason}; ${advice}`));
}

function recordFile(env: NodeJS.ProcessEnv): string | undefined {
  const folder = configFolder(env);
  return folder && join(folder, RECORD_FILE);
}

async function pathOf(folder: string): Promise<string> {
  return join(await realpath(dirname(folder)), basename(folder));
}

async function readMark(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, MARK_FILE), 'utf8').catch(() => '');
  return text.trim() || undefined;
}

async function writeMark(folder: string): Promise<string> {
  await mkdir(folder, { mode: 0o700 }).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const mark = randomBytes(MARK_BYTES).toString('base64url');
  await writeFile(join(folder, MARK_FILE), `${mark}\n`, { mode: 0o600 });
  return mark;
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
  const { path, mark } = Object(value) as Record<string, unknown>;
  return typeof path === 'string' && typeof mark === 'string';
}

function damaged(path: string): CliError {
  const advice = "remove it, and start the servers of this user again with 'gatehouse up'";
  return new CliError(exitStatus.failed, `${path} is damaged: ${advice}`);
}

// Writes a command's files: all or none, and each complete. Only this user can read secret files. Refuses
// existing files (without --force), folders, devices, and files that the command reads.
import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CliError, cannotWrite, exitStatus, usageError } from '../exit-status.ts';

export interface OutputFile {
  path: string;
  content: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Mode 0600 instead of 0644; default false. */
  isSecret?: boolean;
  /** Checks the complete file at `temporary`. The file gets its name only if this does not throw. */
  check?(temporary: string): Promise<void>;
}

export interface OutputRules {
  /** Whether existing files are replaced. */
  force?: boolean | undefined;
  /** Files that the command reads, which must not be replaced. */
  inputs?: readonly (string | undefined)[];
}

/**
 * Throws `CliError` unless each of these files can be written. Call it before the work, and before any
 * prompt.
 */
export async function checkOutputs(paths: readonly string[], rules: OutputRules): Promise<void> {
  const targets = await Promise.all(paths.map(realTarget));
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) throw usageError(`${twice} is named for two outputs: name two files`);
  const inputs = await identities(rules.inputs ?? []);
  for (const path of paths) await checkOutput(path, rules.force === true, inputs);
  await requireSpace(paths);
}

/**
 * Throws `CliError` unless new files can be written beside each of these. It tries, because nothing else
 * shows that the folder is writable and that the disk has space.
 */
export async function requireSpace(paths: readonly string[]): Promise<void> {
  const byFolder = new Map<string, string>();
  for (const path of paths) byFolder.set(dirname(await realTarget(path)), path);
  for (const [folder, path] of byFolder) {
    const trial = temporaryIn(folder);
    await writeFile(trial, Buffer.alloc(TRIAL_BYTES), { flag: 'wx', mode: SECRET_MODE })
      .catch((error) => {
        throw cannotWrite(path, error);
      })
      .finally(() => rm(trial, { force: true }));
  }
}

/** Writes the files. A failure leaves no part of a new file. Throws `CliError`. */
export async function writeOutputs(files: readonly OutputFile[], { force }: OutputRules): Promise<void> {
  const staged: Staged[] = [];
  const published: string[] = [];
  try {
    for (const file of files) staged.push(await stage(file));
    for (const each of staged) {
      await publish(each, force === true);
      published.push(each.path);
    }
    await Promise.all([...new Set(published.map(dirname))].map(syncFolder));
  } catch (error) {
    if (force !== true) await Promise.all(published.map((path) => rm(path, { force: true })));
    throw error;
  } finally {
    await Promise.all(staged.map(({ temporary }) => rm(temporary, { force: true })));
  }
}

/** Gives a complete file on the disk its final name. Throws `CliError`. */
export async function publishOutput(
  temporary: string,
  path: string,
  { force }: Pick<OutputRules, 'force'>,
): Promise<void> {
  const target = await realTarget(path);
  await publish({ path: target, temporary }, force === true);
  await rm(temporary, { force: true });
  await syncFolder(dirname(target));
}

/** A complete file on the disk with a temporary name. */
interface Staged {
  path: string;
  temporary: string;
}

/** More than a key, a certificate and its chain need. */
const TRIAL_BYTES = 32 * 1024;
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;
/** The errors of file systems without hard links. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Follows symbolic links, so that the file is replaced and not the link. */
async function realTarget(path: string): Promise<string> {
  const absolute = resolve(path);
  return realpath(absolute).catch(async () => {
    const folder = await realpath(dirname(absolute)).catch(() => dirname(absolute));
    return join(folder, basename(absolute));
  });
}

async function identities(paths: OutputRules['inputs'] = []): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (const path of paths) {
    const found = path === undefined ? undefined : await identityOf(path);
    if (path !== undefined && found !== undefined) known.set(found.id, path);
  }
  return known;
}

/** `undefined` if there is no file: the code that reads it has the better message. */
async function identityOf(path: string) {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (ABSENT.includes(error.code)) return undefined;
    throw cannotWrite(path, error);
  });
  return stats && { id: `${stats.dev}:${stats.ino}`, isFile: stats.isFile(), isFolder: stats.isDirectory() };
}

const ABSENT: readonly unknown[] = ['ENOENT', 'ENOTDIR'];

async function checkOutput(path: string, force: boolean, inputs: Map<string, string>): Promise<void> {
  const found = await identityOf(path);
  if (found === undefined) return checkFolder(path);
  const input = inputs.get(found.id);
  if (input !== undefined) throw usageError(`${path} is a file that the command reads: name another output`);
  if (found.isFolder) throw cannotWrite(path, { code: 'EISDIR' });
  if (!found.isFile)
    throw new CliError(exitStatus.failed, `cannot write ${path}: it is not an ordinary file`);
  if (!force) throw taken(path);
}

async function checkFolder(path: string): Promise<void> {
  const folder = await identityOf(dirname(path));
  if (!folder?.isFolder) throw cannotWrite(path, { code: 'ENOENT' });
}

function taken(path: string): CliError {
  const message = `cannot write ${path}: it already exists; name another file, or replace it with --force`;
  return new CliError(exitStatus.failed, message);
}

function temporaryIn(folder: string): string {
  return join(folder, `.gatehouse-${randomBytes(8).toString('hex')}`);
}

async function stage(output: OutputFile): Promise<Staged> {
  const target = await realTarget(output.path);
  const temporary = temporaryIn(dirname(target));
  try {
    await writeTo(temporary, output);
    await output.check?.(temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return { path: target, temporary };
}

async function writeTo(temporary: string, { path, content, isSecret = false }: OutputFile): Promise<void> {
  let sourceError: unknown;
  const source = isStream(content) ? noting(content, (error) => (sourceError = error)) : content;
  try {
    await using file = await open(temporary, 'wx', isSecret ? SECRET_MODE : PUBLIC_MODE);
    await file.writeFile(source);
    await file.sync();
  } catch (error) {
    throw error === sourceError ? error : cannotWrite(path, error);
  }
}

function isStream(content: OutputFile['content']): content is AsyncIterable<Uint8Array> {
  return typeof content === 'object' && Symbol.asyncIterator in content;
}

/** The same octets. Marks an error of their source, so that it is not reported as one of the file. */
async function* noting(source: AsyncIterable<Uint8Array>, note: (error: unknown) => void) {
  try {
    yield* source;
  } catch (error) {
    note(error);
    throw error;
  }
}

/** Unlike a rename, a link fails if another program has created the file meanwhile. */
async function publish({ path, temporary }: Staged, force: boolean): Promise<void> {
  try {
    await (force ? rename(temporary, path) : link(temporary, path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(path);
    if (force || !NO_LINKS.includes(code)) throw cannotWrite(path, error);
    await publishWithoutLink(path, temporary);
  }
}

async function publishWithoutLink(path: string, temporary: string): Promise<void> {
  if ((await identityOf(path)) !== undefined) throw taken(path);
  await rename(temporary, path).catch((error) => {
    throw cannotWrite(path, error);
  });
}

/**
 * A new file's name is on the disk only when its folder is. Windows cannot open folders, and needs no such
 * step.
 */
async function syncFolder(path: string): Promise<void> {
  const folder: FileHandle | undefined = await open(path).catch(() => undefined);
  if (folder === undefined) return;
  await folder.sync().finally(() => folder.close());
}

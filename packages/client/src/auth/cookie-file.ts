// The jar of cookies, in memory or in a file that programs share: read again after another program has
// written it, and changed by one program at a time. Refuses a file that is no jar.
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type * as library from 'tough-cookie';
import type { CookieJar } from 'tough-cookie';
import { whileLocked } from './lock.ts';

/** A jar, and where it is. */
export interface JarStore {
  readonly lib: typeof library;
  /** The jar. If it is in a file: as it is there now. */
  newest(): CookieJar | Promise<CookieJar>;
  /** Changes the newest jar while no other program changes it. */
  change(work: (jar: CookieJar) => Promise<void>): Promise<void>;
}

/** Our own rules know the prefixes in any case. */
const OPTIONS = { rejectPublicSuffixes: true, prefixSecurity: 'unsafe-disabled' } as const;

/** To write a jar takes milliseconds. */
const STALE_MS = 5000;

/** The jar in `file`, or one in memory. */
export async function openJar(file: string | undefined): Promise<JarStore> {
  const lib = await import('tough-cookie');
  if (file !== undefined) return openFile(lib, file);
  const jar = new lib.CookieJar(undefined, OPTIONS);
  return { lib, newest: () => jar, change: (work) => work(jar) };
}

async function openFile(lib: typeof library, file: string): Promise<JarStore> {
  let version = await versionOf(file);
  let jar = await read(lib, file);
  let turn: Promise<void> = Promise.resolve();
  const newest = async () => {
    const current = await versionOf(file);
    if (current === version) return jar;
    const changed = await read(lib, file);
    [jar, version] = [changed, current];
    return changed;
  };
  const changeNow = async (work: (jar: CookieJar) => Promise<void>) => {
    const changed = await newest();
    await work(changed);
    await save(changed, file);
    [jar, version] = [changed, await versionOf(file)];
  };
  return {
    lib,
    newest,
    change(work) {
      turn = turn.catch(() => {}).then(() => whileLocked(`${file}.lock`, () => changeNow(work), STALE_MS));
      return turn;
    },
  };
}

/** Each save makes a new file. */
async function versionOf(file: string): Promise<string> {
  const found = await unlessMissing(stat(file, { bigint: true }));
  return found === undefined ? 'none' : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

async function read(lib: typeof library, file: string): Promise<CookieJar> {
  const text = await unlessMissing(readFile(file, 'utf8'));
  if (text === undefined) return new lib.CookieJar(undefined, OPTIONS);
  try {
    return await lib.CookieJar.deserialize(text);
  } catch (cause) {
    throw new TypeError(`${file} is not a cookie jar: remove it, or name another file`, { cause });
  }
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all: a program that stops must not leave half a jar. */
async function save(jar: CookieJar, file: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, JSON.stringify(await jar.serialize()), { mode: 0o600 });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

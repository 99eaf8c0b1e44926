// A witness is a file outside the database with the head of the ledger (docs/wire/ledger.md). A database that
// ends before its witness is an older copy. The file is written after the commit is on the disk, never
// before. So after a loss of power, it can be behind the database, which is harmless, but not ahead of it.

import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDiskFull } from '@gatehouse/access';
import { z } from 'zod';
import type { Log } from '../log/log.ts';
import type { LedgerHead } from './ledger-head.ts';
import { ledgerHeadShape } from './ledger-head.ts';

/** The name of the file in the data folder. */
export const WITNESS_FILE = 'ledger-head.json';

const witnessSchema = z.object({
  ...ledgerHeadShape,
  /** Until the first start after a restore: the backup that was restored, and when. */
  restored: z.object({ backupOf: z.iso.datetime(), at: z.iso.datetime() }).optional(),
});

export type Witness = z.output<typeof witnessSchema>;

/** The witness in a file; `undefined` if there is no such file, `unreadable` if it has another content. */
export function readWitness(path: string): Witness | 'unreadable' | undefined {
  try {
    const read = witnessSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return read.success ? read.data : 'unreadable';
  } catch (error) {
    if (error instanceof SyntaxError) return 'unreadable';
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces the file. All of it is on the disk before this resolves. Throws Node's error. */
export async function writeWitness(path: string, witness: Witness): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await using file = await open(temporary, 'w', 0o600);
    await file.writeFile(`${JSON.stringify(witness)}\n`);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rename(temporary, path);
  await using folder = await open(dirname(path));
  await folder.sync();
}

export interface WitnessWriter {
  /** Call it when the entries up to this head are on the disk. */
  moved(head: LedgerHead): void;
  /** Resolves when the last head is in every file, or when writing it has failed. */
  flush(): Promise<void>;
}

/**
 * At most one write a second, and no request waits for it. So an older copy from the last second cannot be
 * detected.
 */
const PAUSE_MS = 1000;

/** Updates the files when the head moves. A failure is logged once, until writing succeeds again. */
export function createWitnessWriter(paths: readonly string[], log: Pick<Log, 'event'>): WitnessWriter {
  let latest: LedgerHead | undefined;
  let written: LedgerHead | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const failing = new Set<string>();

  async function write(path: string, { seq, hash }: LedgerHead): Promise<void> {
    try {
      await writeWitness(path, { seq, hash });
      failing.delete(path);
    } catch (error) {
      if (failing.has(path)) return;
      failing.add(path);
      const reason = isDiskFull(error) ? 'the disk is full' : (error as Error).message;
      const message = `the witness of the ledger cannot be written: ${reason}`;
      log.event('ledger.witness_failed', { path, error, message });
    }
  }

  async function writeLatest(): Promise<void> {
    if (latest === undefined || latest === written) return;
    const head = latest;
    await Promise.all(paths.map((path) => write(path, head)));
    // After a failure, the next entry tries again.
    written = head;
  }

  return {
    moved(head) {
      latest = head;
      timer ??= setTimeout(() => {
        timer = undefined;
        writing = writing.then(writeLatest);
      }, PAUSE_MS).unref();
    },
    async flush() {
      clearTimeout(timer);
      timer = undefined;
      writing = writing.then(writeLatest);
      await writing;
    },
  };
}

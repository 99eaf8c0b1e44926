// Where a server keeps its data, and how commands find the server that runs there: `control.json`, which it writes at its
// start and removes at its end.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, cannotRead, exitStatus } from './exit-status.ts';

/** `--data`, else `GATEHOUSE_DATA`, else `./.gatehouse`. */
export function dataFolder(option: string | undefined, environment: NodeJS.ProcessEnv): string {
  return option || environment.GATEHOUSE_DATA || './.gatehouse';
}

/** The path of the Unix socket of the server that runs on this data folder. Throws `CliError` when there is none. */
export async function controlSocket(folder: string): Promise<string> {
  const path = join(folder, 'control.json');
  try {
    return parseSocket(await readFile(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw notRunning(folder, error);
    throw cannotRead(path, error);
  }
}

export function notRunning(folder: string, cause: unknown): CliError {
  const message = `no Gatehouse is running on data folder ${folder}: start one with 'gatehouse up --data ${folder}'`;
  return new CliError(exitStatus.connect, message, { cause });
}

function parseSocket(text: string): string {
  const { socket } = JSON.parse(text) as { socket?: unknown };
  if (typeof socket !== 'string') throw new TypeError('no member "socket"');
  return socket;
}

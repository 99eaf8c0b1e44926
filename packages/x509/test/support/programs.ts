// Other programs as oracles: a command, its input files, and the file that it writes. Tests are skipped
// without their program.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command with its working files. */
export interface Run {
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The file with the result; standard output by default. */
  readonly output?: string;
}

/** For the `skip` option of a test: the reason to skip, or `false`. */
export function skipWithout(program: string, debianPackage: string): string | false {
  return spawnSync(program, ['-?']).error === undefined
    ? false
    : `needs ${program} (apt-get install ${debianPackage})`;
}

/** Runs a program in its own folder. Throws if it fails. */
export function runProgram(program: string, { args, files = {}, output }: Run): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'x509-'));
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(folder, name), content, { mode: 0o600 });
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
    return output === undefined ? stdout : readFileSync(join(folder, output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

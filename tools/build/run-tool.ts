// Runs a program that npm installed, or npm itself.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The program's standard output. Throws with all of its output if it fails. */
export function runTool(name: string, args: readonly string[]): string {
  const installed = `node_modules/.bin/${name}`;
  const command = existsSync(installed) ? installed : name;
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${name} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}

// Runs a program that npm installed, or npm itself. Throws if it fails.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What the program printed on standard output; its standard error is ours. */
export function runTool(name: string, args: readonly string[]): string {
  const installed = `node_modules/.bin/${name}`;
  const shell = process.platform === 'win32';
  return execFileSync(existsSync(installed) ? installed : name, [...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell,
  });
}

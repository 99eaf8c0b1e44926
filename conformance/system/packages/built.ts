// The files of `npm run build -- --deb`, and the program installed from them, once for all tests of this
// folder, which share a process. Compressing two runtimes would take a fifth of the time of these tests.
import assert from 'node:assert/strict';
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDockerfile, textsOf } from '../../support/dockerfile.ts';
import { run } from '../../support/gatehouse-command.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** For steps that read from a registry. */
export const TIMEOUT_MS = 300_000;

/** The folder with the packages. */
export const built = (): Promise<string> => once('built', build);
/** The prefix in which the first stage of the Dockerfile has installed the program. */
export const installed = (): Promise<string> => once('installed', install);

const made = new Map<string, Promise<string>>();

function once(name: string, make: () => Promise<string>): Promise<string> {
  const result = made.get(name) ?? make();
  made.set(name, result);
  return result;
}

/** Standard output of a program that must succeed. */
export async function outputOf(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { status, stdout, stderr } = await run(program, args, { cwd, timeoutMs: TIMEOUT_MS });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

async function build(): Promise<string> {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const folder = removedAtExit(join(ROOT, 'dist/packages-'));
  await outputOf(process.execPath, ['tools/build.ts', '--deb', '--uncompressed', '--into', folder], ROOT);
  return folder;
}

async function install(): Promise<string> {
  const folder = removedAtExit(join(tmpdir(), 'gatehouse-installed-'));
  // Another user reads it.
  chmodSync(folder, 0o755);
  const prefix = join(folder, 'image');
  const [stage] = readDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
  const [steps = ''] = textsOf(stage ?? assert.fail('the Dockerfile has no stage'), 'RUN');
  const here = steps
    .replaceAll('/opt/gatehouse', prefix)
    .replace('/tmp/gatehouse-*.tgz', String(globSync(join(await built(), 'gatehouse-[0-9]*.tgz'))[0]))
    .replace('npm install', 'npm install --prefer-offline');
  await outputOf('sh', ['-euc', here], folder);
  return prefix;
}

function removedAtExit(prefix: string): string {
  const folder = mkdtempSync(prefix);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

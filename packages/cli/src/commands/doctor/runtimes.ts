// The programs that Gatehouse runs on: Node for everything, and Bun for the processes of the gateway.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { type Finding, ok, problem, warning } from './finding.ts';

const MINIMUM_MAJOR = 26;
const TRIAL_MS = 5000;

export async function checkRuntimes(): Promise<Finding[]> {
  return [checkNode(process.versions.node), await checkBun()];
}

/** `version`: the version of the running Node. */
export function checkNode(version: string): Finding {
  if (Number.parseInt(version, 10) >= MINIMUM_MAJOR) return ok('node', `Node ${version}`);
  const fix = 'install the optional packages, which have the right Node';
  return problem('node', `Node ${version} is too old: ${MINIMUM_MAJOR} is needed`, fix, 'npm ci');
}

async function checkBun(): Promise<Finding> {
  const bun = installedBun();
  const fix = 'Node serves instead, with about half of the speed; install the optional packages';
  if (bun === undefined) return warning('bun', 'the package of Bun is not installed', fix, 'npm ci');
  try {
    // On a busy machine, its output may be lost.
    await promisify(execFile)(bun.program, ['--version'], { timeout: TRIAL_MS });
    return ok('bun', `Bun ${bun.version}, for the processes of the gateway`);
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    return warning('bun', `Bun does not run here: ${reason}`, fix);
  }
}

/** The package may be beside this one, or below the data plane's package. */
function installedBun(): { program: string; version: string } | undefined {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@oven/bun-${system}-${process.arch === 'arm64' ? 'aarch64' : process.arch}`;
  const file = process.platform === 'win32' ? 'bin/bun.exe' : 'bin/bun';
  const require = createRequire(import.meta.url);
  for (const each of [name, `${name}-musl`]) {
    try {
      const { version } = require(`${each}/package.json`) as { version: string };
      return { program: require.resolve(`${each}/${file}`), version };
    } catch {
      // try the next place
    }
  }
  return undefined;
}

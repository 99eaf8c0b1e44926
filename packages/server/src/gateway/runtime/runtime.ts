// The programs that can run a data plane process: Bun, if its package is installed and its binary runs here,
// and this Node.
import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { devNull } from 'node:os';
import { promisify } from 'node:util';

export interface Runtime {
  name: 'bun' | 'node';
  /** For the log: `Bun 1.4.5`. */
  title: string;
  command: string;
  /** The arguments before the program's file. */
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
}

/** Either Bun, or the reason why it is not available. */
export type BunSearch = { bun: Runtime; reason?: undefined } | { bun?: undefined; reason: string };

// Bun would read a .env file, a bunfig.toml with programs to load first, and packages from the network.
const BUN_ARGS = ['--no-env-file', `--config=${devNull}`, '--no-install'];
const BUN_ENVIRONMENT = {
  // Bun would take compiled code from a folder below /tmp, where anyone may put it.
  BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0',
  // Milliseconds after which Bun's allocator returns free memory to the system. By default it returns memory
  // that the next requests need again. With two processes on two cores, this took a fifth of all processor
  // time.
  MIMALLOC_PURGE_DELAY: '10000',
};
// Without these, SIGUSR1 opens Node's debugger, and V8's young generation grows with the machine's memory.
const NODE_ARGS = ['--disable-warning=ExperimentalWarning', '--disable-sigusr1', '--max-semi-space-size=16'];
const TRIAL_MS = 5000;
/** The first octets of a program, which contain the name of its loader. */
const ELF_OCTETS = 4096;

export function nodeRuntime(): Runtime {
  return {
    name: 'node',
    title: `Node ${process.versions.node}`,
    command: process.execPath,
    args: NODE_ARGS,
    environment: {},
  };
}

/** Runs the binary once to see whether this machine can. */
export async function findBun(packages: readonly string[] = bunPackages()): Promise<BunSearch> {
  let reason = `there is no Bun for ${process.platform} on ${process.arch}`;
  for (const name of packages) {
    const command = binaryOf(name);
    if (command === undefined) {
      reason = `the package ${name} is not installed`;
      continue;
    }
    try {
      const version = await versionOf(command);
      const bun = { command, args: BUN_ARGS, environment: BUN_ENVIRONMENT };
      return { bun: { name: 'bun', title: `Bun ${version}`, ...bun } };
    } catch (error) {
      return { reason: `${command} does not run: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
  return { reason };
}

async function versionOf(command: string): Promise<string> {
  const options = { env: BUN_ENVIRONMENT, timeout: TRIAL_MS, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)(command, ['--version'], options);
  return stdout.trim();
}

/** The packages that may have a binary for this machine. */
function bunPackages(): string[] {
  const { platform, arch } = process;
  const system = platform === 'win32' ? 'windows' : platform;
  const machine = arch === 'arm64' ? 'aarch64' : arch;
  const name = `@oven/bun-${system}-${machine}`;
  return [platform === 'linux' && usesMusl() ? `${name}-musl` : name];
}

/** Whether the loader of this Node is musl's (elf(5), PT_INTERP). */
function usesMusl(): boolean {
  const beginning = Buffer.alloc(ELF_OCTETS);
  const file = openSync(process.execPath, 'r');
  try {
    readSync(file, beginning);
  } finally {
    closeSync(file);
  }
  return beginning.includes('/ld-musl-');
}

/** The packages are optional dependencies of the data plane. */
function binaryOf(name: string): string | undefined {
  const file = process.platform === 'win32' ? 'bin/bun.exe' : 'bin/bun';
  const require = createRequire(import.meta.resolve('#dataplane'));
  try {
    return require.resolve(`${name}/${file}`);
  } catch {
    return undefined;
  }
}

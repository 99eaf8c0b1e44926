// In a clone, the command runs what people install: the program as plain JavaScript, built anew after each
// change of the sources. That takes two seconds, and then every start takes less time and memory. Plain
// JavaScript for Node 20.
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRuntime } from './runtime.mjs';

const CLONE = fileURLToPath(new URL('../../..', import.meta.url));
const KEPT_BUILDS = 5;
const LAST_BUILD = 'dist/last-build';

/** The file of the program. Throws if the build fails. */
export function programFile(root = CLONE) {
  // A folder for each state of the sources: a server goes on with the files that it was started with.
  const builds = join(root, 'dist/programs');
  const unchanged = unchangedBuild(root);
  const state = unchanged === undefined ? stateOfSources(root) : [];
  const folder = join(builds, unchanged ?? nameFor(state));
  const isBuilt = existsSync(folder);
  if (!isBuilt && !canBuild(root, builds)) return join(root, 'packages/cli/src/main.ts');
  if (!isBuilt) {
    build(root, folder);
    removeOldBuilds(builds);
  }
  if (unchanged === undefined) rememberBuild(root, { name: basename(folder), state });
  return join(folder, 'lib/main.js');
}

// Loads what only some starts need: `node:crypto` takes longer to load than all else that this file does.
const require = createRequire(import.meta.url);

function nameFor(state) {
  const text = state.join('\n');
  return require('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * The name of the last build, if each of its files is as it was. A new file alone changes nothing: it becomes
 * a part of the program when another file, which then changes, imports it. So no folder is read.
 */
function unchangedBuild(root) {
  try {
    const [name, ...state] = readFileSync(join(root, LAST_BUILD), 'utf8').split('\n');
    const isSame = (line) => line === stateOf(root, line.slice(0, line.indexOf('\0')));
    return state.length > 0 && state.every(isSame) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Others may start at the same time, so the file gets its name when it is complete. */
function rememberBuild(root, { name, state }) {
  const unfinished = join(root, `${LAST_BUILD}.${process.pid}`);
  try {
    writeFileSync(unfinished, [name, ...state].join('\n'));
    renameSync(unfinished, join(root, LAST_BUILD));
  } catch {
    // In a clone of another user: then each start reads the folders and hashes the state.
  }
}

/** Not without the developers' dependencies, and not in a clone of another user. */
function canBuild(root, builds) {
  if (!existsSync(join(root, 'node_modules/rolldown'))) return false;
  try {
    accessSync(existsSync(builds) ? builds : root, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Changes with the name, the size and the time of any file that the build reads. */
function stateOfSources(root) {
  return Array.from(builtFrom(root), (path) => stateOf(root, path)).sort();
}

/** A line. The path is relative to the clone, because a copy of the clone has its own sources. */
function stateOf(root, path) {
  const { size, mtimeMs } = statSync(`${root}/${path}`);
  return `${path}\0${size}\0${mtimeMs}`;
}

function* builtFrom(root) {
  yield 'package-lock.json';
  yield* filesBelow(root, 'tools/build');
  for (const name of readdirSync(join(root, 'packages'))) {
    yield `packages/${name}/package.json`;
    yield* filesBelow(root, `packages/${name}/src`);
  }
}

/** Faster than the option `recursive`, which takes longer than reading the state of all these files. */
function* filesBelow(root, folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, path);
    else yield path;
  }
}

/** Others may build the same at the same time: the folder gets its name when it is complete. */
function build(root, folder) {
  process.stderr.write('Building the program (after each change of the sources) …\n');
  const unfinished = `${folder}.${process.pid}`;
  const args = ['--disable-warning=ExperimentalWarning', 'tools/build/in-clone.ts', unfinished];
  const { status, stderr } = require('node:child_process').spawnSync(findRuntime(), args, {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The program cannot be built from its sources:\n${stderr}`);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function removeOldBuilds(builds) {
  const all = readdirSync(builds).map((name) => join(builds, name));
  const byAge = all.sort((a, b) => timeOf(b) - timeOf(a));
  for (const old of byAge.slice(KEPT_BUILDS)) rmSync(old, { recursive: true, force: true });
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

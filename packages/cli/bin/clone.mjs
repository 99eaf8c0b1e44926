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
  const state = stateOfSources(root);
  const last = lastBuild(root);
  const folder = join(builds, last?.state === state ? last.name : nameFor(state));
  const isBuilt = existsSync(folder);
  if (!isBuilt && !canBuild(root, builds)) return join(root, 'packages/cli/src/main.ts');
  if (!isBuilt) {
    build(root, folder);
    removeOldBuilds(builds);
  }
  if (last?.state !== state) rememberBuild(root, { name: basename(folder), state });
  return join(folder, 'lib/main.js');
}

// Loads what only some starts need: `node:crypto` takes longer to load than all else that this file does.
const require = createRequire(import.meta.url);

function nameFor(state) {
  return require('node:crypto').createHash('sha256').update(state).digest('hex').slice(0, 16);
}

/** What was built last and from which sources, because to compare them is quicker than to hash them. */
function lastBuild(root) {
  try {
    const [name, ...state] = readFileSync(join(root, LAST_BUILD), 'utf8').split('\n');
    return { name, state: state.join('\n') };
  } catch {
    return undefined;
  }
}

/** Others may start at the same time, so the file gets its name when it is complete. */
function rememberBuild(root, { name, state }) {
  const unfinished = join(root, `${LAST_BUILD}.${process.pid}`);
  try {
    writeFileSync(unfinished, `${name}\n${state}`);
    renameSync(unfinished, join(root, LAST_BUILD));
  } catch {
    // In a clone of another user: then each start hashes the state.
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
  const lines = Array.from(builtFrom(root), (path) => {
    const { size, mtimeMs } = statSync(path);
    return `${path}\0${size}\0${mtimeMs}`;
  });
  return lines.sort().join('\n');
}

function* builtFrom(root) {
  yield join(root, 'package-lock.json');
  yield* filesBelow(join(root, 'tools/build'));
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name);
    yield join(folder, 'package.json');
    yield* filesBelow(join(folder, 'src'));
  }
}

/** Faster than the option `recursive`, which takes longer than reading the state of all these files. */
function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(path);
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

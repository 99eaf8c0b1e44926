// In a clone, the command runs what people install: the program as plain JavaScript, built anew after each
// change of the sources. That takes two seconds, and then every start takes less time and memory. Plain
// JavaScript for Node 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRuntime } from './runtime.mjs';

const CLONE = fileURLToPath(new URL('../../..', import.meta.url));
const KEPT_BUILDS = 5;

/** The file of the program. Throws if the build fails. */
export function programFile(root = CLONE) {
  // A folder for each state of the sources: a server goes on with the files that it was started with.
  const builds = join(root, 'dist/programs');
  const folder = join(builds, stateOfSources(root));
  if (!existsSync(folder)) {
    if (!canBuild(root, builds)) return join(root, 'packages/cli/src/main.ts');
    build(root, folder);
    removeOldBuilds(builds);
  }
  return join(folder, 'lib/main.js');
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
  const hash = createHash('sha256');
  for (const path of builtFrom(root)) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

function* builtFrom(root) {
  yield join(root, 'package-lock.json');
  yield* filesBelow(join(root, 'tools/build'));
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    const folder = join(root, 'packages', name);
    yield join(folder, 'package.json');
    yield* filesBelow(join(folder, 'src'));
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => join(parentPath ?? path, name))
    .sort();
}

/** Others may build the same at the same time: the folder gets its name when it is complete. */
function build(root, folder) {
  process.stderr.write('Building the program (after each change of the sources) …\n');
  const unfinished = `${folder}.${process.pid}`;
  const args = ['--disable-warning=ExperimentalWarning', 'tools/build/in-clone.ts', unfinished];
  const { status, stderr } = spawnSync(findRuntime(), args, { cwd: root, encoding: 'utf8' });
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

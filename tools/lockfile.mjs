// Whether node_modules has what the lockfile names. npm writes there what it installed, in the form of the
// lockfile. Plain JavaScript for Node 20.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** False if a package is missing, is of another version, or is there without being in the lockfile. */
export function isInstalled(root) {
  const installed = packagesIn(join(root, 'node_modules/.package-lock.json'));
  if (installed === undefined) return false;
  const wanted = packagesIn(join(root, 'package-lock.json'));
  return everyEntry(wanted, (place, one) => isSame(one, installed[place])) && isPartOf(installed, wanted);
}

/** By their places; undefined without that file. */
function packagesIn(path) {
  try {
    const { '': _root, ...packages } = JSON.parse(readFileSync(path, 'utf8')).packages;
    return packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** npm leaves out optional packages that are for other systems. */
function isSame({ version, optional }, installed) {
  return installed === undefined ? optional === true : installed.version === version;
}

function isPartOf(installed, wanted) {
  return everyEntry(installed, (place) => wanted[place] !== undefined);
}

function everyEntry(packages, holds) {
  return Object.entries(packages).every(([place, one]) => holds(place, one));
}

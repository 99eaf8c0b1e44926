// `npm run build`: the packages that people install, as plain JavaScript. Writes gatehouse-VERSION.tgz here,
// and the packages of the libraries to dist/. With `--deb` also the Debian package; `--uncompressed` makes
// that faster. With `--into FOLDER` writes everything to that folder, which must be below this one.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packDebian } from './build/debian.ts';
import { LIBRARIES, writeLibrary } from './build/library.ts';
import { pack } from './build/pack.ts';
import { writeProgramPackage } from './build/program-package.ts';

const { into, deb, uncompressed } = parseArgs({
  options: { into: { type: 'string' }, deb: { type: 'boolean' }, uncompressed: { type: 'boolean' } },
}).values;
const folder = into ?? 'dist';

const program = join(folder, 'gatehouse');
rmSync(program, { recursive: true, force: true });
await writeProgramPackage(program);
console.log(...pack([program], into ?? '.'));
if (deb) console.log(packDebian(program, into ?? '.', uncompressed));

const libraries = LIBRARIES.map((name) => {
  const library = join(folder, name);
  rmSync(library, { recursive: true, force: true });
  writeLibrary(name, library);
  return library;
});
console.log(pack(libraries, folder).join('\n'));

// `npm run build`: the packages that people install, as plain JavaScript. Makes gatehouse-VERSION.tgz here,
// and those of the libraries in dist/. With `--deb` also the Debian package, which `--uncompressed` makes
// sooner. With `--into FOLDER` all of it is in that folder, which lies below this one.
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

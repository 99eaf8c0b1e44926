// `npm run build`: the packages that people install, as plain JavaScript. Makes gatehouse-VERSION.tgz here, and those of
// the libraries in dist/. With `--program` only the program in dist/gatehouse, which the tests run.
import { rmSync } from 'node:fs';
import { LIBRARIES, writeLibrary } from './build/library.ts';
import { pack } from './build/pack.ts';
import { PROGRAM, writeProgramPackage, writeTypes } from './build/program-package.ts';

rmSync(PROGRAM, { recursive: true, force: true });
await writeProgramPackage(PROGRAM);
if (!process.argv.includes('--program')) {
  writeTypes(PROGRAM);
  console.log(pack(PROGRAM, '.'));
  for (const library of LIBRARIES) {
    const folder = `dist/${library}`;
    rmSync(folder, { recursive: true, force: true });
    writeLibrary(library, folder);
    console.log(pack(folder, 'dist'));
  }
}

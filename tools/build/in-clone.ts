// Builds only the program, into the folder in the first argument, for packages/cli/bin/clone.mjs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from './program.ts';
import { PROGRAM_IMPORTS } from './program-package.ts';

const [folder = ''] = process.argv.slice(2);
// Tests from outside also run servers in their own process. They use the built code, because it loads in a
// third of the time of the sources.
await bundleProgram(join(folder, 'lib'), { server: 'packages/server/src/index.ts' });
writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports: PROGRAM_IMPORTS }));

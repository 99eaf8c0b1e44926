// Builds the program alone, into the folder in the first argument: for packages/cli/bin/clone.mjs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from './program.ts';
import { PROGRAM_IMPORTS } from './program-package.ts';

const [folder = ''] = process.argv.slice(2);
await bundleProgram(join(folder, 'lib'));
writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports: PROGRAM_IMPORTS }));

// The program under test. `npm test` builds it and names the folder; a test that runs alone takes the sources.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../packages/cli', import.meta.url));
const PACKAGE = process.env.BUILT_GATEHOUSE ?? SOURCES;

/** The file that npm links as `gatehouse`. */
export const COMMAND = join(PACKAGE, 'bin/gatehouse.mjs');
/** What that file runs in the pinned runtime. */
export const PROGRAM = createRequire(COMMAND).resolve('#main');

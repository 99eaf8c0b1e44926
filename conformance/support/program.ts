// The program under test: in a clone, the command runs what people install.
import { fileURLToPath } from 'node:url';
import { programFile } from '../../packages/cli/bin/clone.mjs';

/** The file that npm links as `gatehouse`. */
export const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/gatehouse.mjs', import.meta.url));
/** What that file runs in the pinned runtime. */
export const PROGRAM = programFile();

// The program under test: in a clone, the command runs what people install.
import { fileURLToPath } from 'node:url';
import { programFile } from '../../packages/cli/bin/clone.mjs';
import { FLAGS } from '../../packages/cli/bin/runtime.mjs';

/** The file that npm links as `gatehouse`. */
export const COMMAND = fileURLToPath(new URL('../../packages/cli/bin/gatehouse.mjs', import.meta.url));
/** The file that it runs in the pinned runtime. */
export const PROGRAM = programFile();
/**
 * The command line with which that file starts a server, without the extra process that finds the runtime.
 */
export const SERVER: readonly string[] = [process.execPath, ...FLAGS, PROGRAM];

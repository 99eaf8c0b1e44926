// What an installed package runs.
import { fileURLToPath } from 'node:url';

/** The file of the program. */
export function programFile() {
  return fileURLToPath(new URL('../lib/main.js', import.meta.url));
}

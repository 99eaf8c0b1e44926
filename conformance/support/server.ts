// The server as a function, of the same code as the program under test, but for the cost of a password:
// hashes would take more processor time than all else, at a low priority. Tests of processes pay it.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { PROGRAM } from './program.ts';

const bundled = new URL('server.js', pathToFileURL(PROGRAM));
const file = existsSync(bundled) ? bundled.href : '@gatehouse/server';

export const { serve } = (await import(file)) as typeof import('@gatehouse/server');

const quick = new URL('quick-hash-thread.ts', import.meta.url).href;
registerHooks({
  resolve: (name, context, next) => next(name === '#hash-thread' ? quick : name, context),
});

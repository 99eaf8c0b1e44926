// The server as a function, with the same code as the program under test, except that password hashes are
// cheap: they would take more processor time than everything else. Tests of processes use real hashes.
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

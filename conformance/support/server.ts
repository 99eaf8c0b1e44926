// The server as a function, with the same code as the program under test.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { PROGRAM } from './program.ts';

const bundled = new URL('server.js', pathToFileURL(PROGRAM));
const file = existsSync(bundled) ? bundled.href : '@gatehouse/server';

export const { serve } = (await import(file)) as typeof import('@gatehouse/server');

// A separate program: a server on the data folder in the first argument, with the settings that follow. It
// prints one JSON line with its addresses, or with the reason why it does not start. SIGTERM stops it. It
// never exits by itself while a part of the server still runs.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { GatehouseError } from '@gatehouse/access';
import { programFile } from '../../../cli/bin/clone.mjs';

// As people run it, which starts in half the time of the sources.
const bundled = new URL('server.js', pathToFileURL(programFile()));
const file = existsSync(bundled) ? bundled.href : '@gatehouse/server';
const { serve } = (await import(file)) as typeof import('../../src/index.ts');

const [data, ...set] = process.argv.slice(2);
try {
  const server = await serve({ data, set, environment: process.env });
  process.once('SIGTERM', () => void server.stop());
  say(server.ready);
} catch (error) {
  // The bundle has a class of its own.
  const { name, code, message } = error as GatehouseError;
  say(name === 'GatehouseError' ? { code, message } : { message: String(error) });
  process.exitCode = 1;
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

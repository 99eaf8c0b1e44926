// Gatehouse as a contender, in its own process: as a plain TLS proxy, which is what the peers do, and with every request
// authenticated by an API key and authorised.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { VERSION } from '@gatehouse/server';
import type { Contender, Site } from '../contender.ts';
import { poll } from '../poll.ts';
import type { RunningProgram } from '../running-program.ts';
import { startProgram } from '../running-program.ts';

/** A public route to the upstream. */
export const gatehouse: Contender = {
  name: 'Gatehouse',
  install: '',
  version: () => VERSION,
  async start(site) {
    const { program, control } = await startGatehouse(site, 'public');
    return { program, root: rootOf(control), headers: {} };
  },
};

/** The same with a route that wants to know who calls. */
export const gatehouseWithApiKey: Contender = {
  name: 'Gatehouse, API key',
  install: '',
  version: () => VERSION,
  async start(site) {
    const { program, control } = await startGatehouse(site, 'authenticated');
    return { program, root: rootOf(control), headers: { 'X-API-Key': await createKey(control.socket) } };
  },
};

/** What the running server says of itself in its data folder. */
interface ControlFile {
  socket: string;
  /** A path. */
  rootCertificate: string;
}

async function startGatehouse(
  site: Site,
  access: 'public' | 'authenticated',
): Promise<{ program: RunningProgram; control: ControlFile }> {
  const file = join(site.folder, 'gatehouse.config.json');
  const data = join(site.folder, 'data');
  writeFileSync(file, JSON.stringify(configuration(site, access)));
  const entry = fileURLToPath(new URL('../gatehouse-process.ts', import.meta.url));
  const args = ['--disable-warning=ExperimentalWarning', entry, file, data];
  const program = startProgram({ command: process.execPath, args }, site.stack);
  const controlFile = join(data, 'control.json');
  await poll(
    () => {
      program.assertRunning();
      return existsSync(controlFile);
    },
    { what: 'the start of Gatehouse', signal: site.signal },
  );
  return { program, control: JSON.parse(readFileSync(controlFile, 'utf8')) };
}

function configuration({ port, upstreamPort, workers }: Site, access: 'public' | 'authenticated') {
  const anywhere = { listen: '127.0.0.1:0' };
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  return {
    gateway: { listen: `127.0.0.1:${port}`, workers, routes: [{ path: '/*', access, upstream }] },
    control: anywhere,
    pki: anywhere,
    samples: anywhere,
    log: { access: 'none', level: 'warn' },
  };
}

function rootOf({ rootCertificate }: ControlFile): string {
  return readFileSync(rootCertificate, 'utf8');
}

async function createKey(socketPath: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const call = request(
    { socketPath, path: '/admin/keys', method: 'POST', headers: { 'Content-Type': 'application/json' } },
    (answer) => void json(answer).then(resolve, reject),
  );
  call.on('error', reject);
  call.end(JSON.stringify({ name: 'benchmark', roles: ['admin'] }));
  const { key } = (await promise) as { key?: unknown };
  if (typeof key !== 'string') throw new Error(`Gatehouse made no API key: ${JSON.stringify(await promise)}`);
  return key;
}

// The measured servers of the encrypted endpoint.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { VERSION } from '@gatehouse/server';
import type { Contender, OwnSite } from '../../harness/contender.ts';
import type { RunningProgram } from '../../harness/running-program.ts';
import { startProgram } from '../../harness/running-program.ts';

export interface StartedServer {
  program: RunningProgram;
  port: number;
}

export type Server = Contender<OwnSite, StartedServer>;

const GATEHOUSE = fileURLToPath(new URL('./http-gatehouse.ts', import.meta.url));
const TORNADO = fileURLToPath(new URL('./http-tornado.py', import.meta.url));
// Debian's own Python is second, because another Python may come first in PATH.
const PYTHONS = ['python3', '/usr/bin/python3'];
const VERSIONS =
  'import cryptography, tornado; print(f"{tornado.version} with pyca {cryptography.__version__}")';

export const tornado: Server = {
  name: 'Tornado',
  install: 'apt-get install python3-tornado python3-cryptography',
  version: () => python()?.version,
  async start({ port, stack }) {
    const { command = 'python3' } = python() ?? {};
    return { program: startProgram({ command, args: [TORNADO, String(port)] }, stack), port };
  },
};

export const gatehouse = gatehouseAs('Gatehouse', []);

export const gatehouseSigned = gatehouseAs('Gatehouse, keys signed', ['signed']);

function gatehouseAs(name: string, more: readonly string[]): Server {
  return {
    name,
    install: 'npm ci',
    version: () => VERSION,
    async start({ port, stack }) {
      const args = ['--disable-warning=ExperimentalWarning', GATEHOUSE, String(port), ...more];
      return { program: startProgram({ command: process.execPath, args }, stack), port };
    },
  };
}

function python(): { command: string; version: string } | undefined {
  for (const command of PYTHONS) {
    const { status, stdout } = spawnSync(command, ['-c', VERSIONS], { encoding: 'utf8' });
    if (status === 0) return { command, version: stdout.trim() };
  }
  return undefined;
}

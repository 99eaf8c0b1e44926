// Runs every shell command of the README and of docs/ in the order of each page, like a reader: one folder
// for each page, `gatehouse` on the PATH, the default ports. `gatehouse up` runs in the background, and the
// test waits until it is ready. If the system allows it, each page has a separate network, so that pages can
// run side by side.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PROGRAM } from '../support/program.ts';
import { without, withoutPython } from '../support/programs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PORTS = [3000, 5080, 5443, 8053, 8055, 8080, 8443, 8543, 8580, 9080, 9443, 9543, 9580, 14_000, 15_000];
const TIMEOUT_MS = 400_000;
const AT_ONCE = 3;
// The command that runs a program in a network namespace with only the loopback interface (unshare(1)): for
// root, and for others.
const OWN_NETWORKS = ['-n', '-rn'].map((flags) => [
  'unshare',
  flags,
  'sh',
  '-c',
  'ip link set lo up && exec "$@"',
  'sh',
]);
const VERSION: Record<string, string> = {
  age: '--version',
  openssl: 'version',
  dehydrated: '--help',
  pebble: '-h',
};
// The programs that all pages may use, and those of single pages.
const EVERYWHERE = ['bash', 'curl', 'python3', 'openssl'];
const IN_PAGES = ['age', 'age-keygen', 'certbot', 'dehydrated', 'lego', 'ocsptool', 'pebble'];

const pages = ['README.md', ...globSync('docs/*.md', { cwd: root })].filter((page) => shellOf(page) !== '');

/** The command before a program that gives it a separate network; none if the system does not allow that. */
const ownNetwork =
  OWN_NETWORKS.find(([program = '', ...args]) => spawnSync(program, [...args, 'true']).status === 0) ?? [];

describe('every command in the documents runs', {
  timeout: pages.length * TIMEOUT_MS,
  concurrency: ownNetwork.length === 0 ? 1 : AT_ONCE,
  skip: firstMissing(EVERYWHERE) || (ownNetwork.length === 0 && (await withoutPorts())),
}, () => {
  for (const page of pages) {
    it(page, {
      timeout: TIMEOUT_MS,
      skip: firstMissing(programsOf(page)) || missingModules(page),
    }, async () => {
      const { status, output } = await runPage(page);
      assert.equal(status, 0, output);
    });
  }
});

/** The value for `skip`: the first of these programs that is missing. */
function firstMissing(programs: readonly string[]): string | false {
  return programs.map((program) => without(program, VERSION[program])).find(Boolean) ?? false;
}

/** The value for `skip`: a module that the Python of this page imports. */
function missingModules(page: string): string | false {
  const commands = shellOf(page);
  return (
    (/^import requests$/m.test(commands) && withoutPython(['requests'], 'python3-requests')) ||
    (/^from cryptography/m.test(commands) && withoutPython(['cryptography'], 'python3-cryptography'))
  );
}

function programsOf(page: string): string[] {
  const commands = shellOf(page);
  return IN_PAGES.filter((program) => new RegExp(`(?:^| )${program} `, 'm').test(commands));
}

/** The `sh` blocks of a page, one after the other. */
function shellOf(page: string): string {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1]).join('\n');
}

// The script around a page's commands: it stops at the first failure, and ends what it started. One worker is
// enough for a reader's requests.
function scriptOf(page: string): string {
  const commands = shellOf(page)
    .replaceAll(/^npm start(?: -- (.*))?$/gm, 'gatehouse up $1')
    .replaceAll('./gatehouse ', 'gatehouse ');
  return `set -eu -o pipefail
finish() { kill $(jobs -p) 2>/dev/null || true; wait; }
trap finish EXIT
gatehouse() {
  if [ "$BASHPID" != "$$" ]; then exec gatehouse "$@"; fi # a job of its own, which finish ends
  if [ "$1" != up ]; then command gatehouse "$@"; return; fi
  command gatehouse "$@" --set gateway.workers=1 > up.log 2>&1 &
  for _ in $(seq 900); do if [ -S .gatehouse/control.sock ] && [ -f .gatehouse/control.json ]; then return 0; fi; sleep 0.1; done
  cat up.log; return 1
}
set -x
${commands}`;
}

async function runPage(page: string): Promise<{ status: number | null; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-page-'));
  const shim = join(folder, 'bin');
  try {
    writeShim(shim);
    writeFileSync(join(folder, 'page.sh'), scriptOf(page));
    const [program = '', ...args] = [...ownNetwork, 'bash', 'page.sh'];
    const own = { PATH: `${shim}:${process.env.PATH}`, XDG_CONFIG_HOME: join(folder, 'config') };
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...own, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeShim(folder: string): void {
  // The runtime of this test and the command's own entry: the same that npm installs for a reader.
  const text = `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`;
  const path = join(folder, 'gatehouse');
  mkdirSync(folder);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** The value for `skip`: the default ports that are taken. */
async function withoutPorts(): Promise<string | false> {
  const states = await Promise.all(PORTS.map(async (port) => ({ port, free: await isFree(port) })));
  const taken = states.filter(({ free }) => !free).map(({ port }) => port);
  return taken.length > 0 && `needs the default ports: ${taken.join(', ')} are taken`;
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

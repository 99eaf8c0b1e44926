// `gatehouse doctor` on data folders with known faults: each fault has a line with its fix, and only a
// problem makes the exit status 1.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Finding } from '../../../src/commands/doctor/finding.ts';
import { listenersIn } from '../../../src/commands/doctor/port-holder.ts';
import { checkNode } from '../../../src/commands/doctor/runtimes.ts';
import { checkLedger, checkServerCertificates } from '../../../src/commands/doctor/server-state.ts';
import { gatehouse } from '../../fake-process.ts';

const LISTENERS = ['gateway', 'control', 'pki', 'samples'];

function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-doctor-'));
  chmodSync(folder, 0o700);
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function examine(folder: string, ...args: string[]) {
  const ports = LISTENERS.flatMap((name) => ['--set', `${name}.listen=127.0.0.1:0`]);
  const usual = ['--data', folder, '--config', 'none', ...ports];
  const { status, stdout, stderr } = await gatehouse(['doctor', '--json', ...usual, ...args]);
  assert.equal(stderr, '');
  const document = JSON.parse(stdout) as { ok: boolean; checks: Finding[] };
  const named = (name: string) => document.checks.filter((check) => check.name === name);
  return { status, ...document, named };
}

test('finds no problem in a new folder, and says what cannot be checked yet', async (t) => {
  const { status, ok, named } = await examine(emptyFolder(t));
  assert.deepEqual([status ?? 0, ok], [0, true]);
  assert.deepEqual(
    ['node', 'configuration', 'ports', 'data folder', 'file modes', 'clock']
      .flatMap(named)
      .map(({ state }) => state),
    Array(6).fill('ok'),
  );
  assert.deepEqual(named('server')[0]?.state, 'skipped');
});

test('says why the root cannot be read, and that a missing one comes with the first start', async (t) => {
  const folder = emptyFolder(t);
  const said = async () => (await examine(folder)).named('root')[0]?.message;
  assert.equal(await said(), `there is no ${join(folder, 'root.pem')}: 'gatehouse up' writes it`);
  mkdirSync(join(folder, 'root.pem'));
  assert.equal(await said(), `cannot read ${join(folder, 'root.pem')}: it is a folder`);
});

test('reports files that others can read, with the command that fixes it', async (t) => {
  const folder = emptyFolder(t);
  writeFileSync(join(folder, 'master.key'), 'x', { mode: 0o644 });
  chmodSync(folder, 0o755);
  const { status, ok, named } = await examine(folder);
  assert.deepEqual([status, ok], [1, false]);
  assert.equal(named('data folder')[0]?.command, `chmod 700 ${folder}`);
  assert.equal(named('file modes')[0]?.command, `chmod 600 ${join(folder, 'master.key')}`);
});

test('reports a file from the future, which means that the clock is wrong', async (t) => {
  const folder = emptyFolder(t);
  writeFileSync(join(folder, 'ledger-head.json'), '{}', { mode: 0o600 });
  const future = new Date(Date.now() + 86_400_000);
  utimesSync(join(folder, 'ledger-head.json'), future, future);
  const { status, named } = await examine(folder);
  assert.equal(status, 1);
  assert.match(named('clock')[0]?.message ?? '', /but a file is from /);
});

test('reports the setting and the program of a port that is taken', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { status, named } = await examine(emptyFolder(t), '--set', `pki.listen=127.0.0.1:${port}`);
  assert.equal(status, 1);
  const [found] = named('ports');
  assert.match(
    found?.message ?? '',
    new RegExp(`^port ${port} \\(pki\\.listen\\) is taken by .+ \\(process ${process.pid}\\)$`),
  );
  assert.match(found?.command ?? '', /^gatehouse up --set pki\.listen=127\.0\.0\.1:\d+$/);
});

test('prints every mistake of the configuration', async (t) => {
  const { status, named } = await examine(
    emptyFolder(t),
    '--set',
    'gateway.lisen=x',
    '--set',
    'tls.preset=old',
  );
  assert.equal(status, 1);
  assert.ok(named('configuration').length >= 2);
  assert.ok(named('configuration').every(({ state }) => state === 'problem'));
});

test('a missing backup and an old one are problems', async (t) => {
  const folder = emptyFolder(t);
  const file = join(folder, 'gatehouse.backup');
  assert.equal((await examine(folder, '--backup', file)).status, 1);
  writeFileSync(file, 'x');
  assert.equal((await examine(folder, '--backup', file)).status ?? 0, 0);
  utimesSync(file, 0, 0);
  const { status, named } = await examine(folder, '--backup', file, '--backup-age', '2d');
  assert.equal(status, 1);
  assert.match(named('backup')[0]?.message ?? '', /years old$/);
});

test('prints a line for each check, and the command to copy below it', async (t) => {
  const folder = emptyFolder(t);
  chmodSync(folder, 0o755);
  const ports = LISTENERS.flatMap((name) => ['--set', `${name}.listen=127.0.0.1:0`]);
  const { stdout } = await gatehouse(['doctor', '--data', folder, '--config', 'none', ...ports], {
    terminal: true,
    columns: 80,
    env: { NO_COLOR: '1' },
  });
  assert.match(stdout, /^ok {7}node {11}Node \d/m);
  assert.match(stdout, /^(?:ok {7}bun {12}Bun \d+\.\d|warning {2}bun {12})/m);
  assert.match(stdout, /^problem {2}data folder {4}/m);
  assert.match(stdout, new RegExp(`^ {24}\\$ chmod 700 ${folder}$`, 'm'));
  assert.match(stdout, /\n\d+ checks: 1 problem, \d+ warnings?\.\n$/);
});

test('an old Node is a problem', () => {
  assert.equal(checkNode('20.1.0').state, 'problem');
  assert.equal(checkNode('26.10.0').state, 'ok');
});

test('a broken ledger and an expired certificate are problems; a certificate that expires soon is a warning', () => {
  const ledger = (problem: string | null) =>
    checkLedger({ ledger: { entries: 3, problem, witnessAddress: null } });
  assert.deepEqual(
    [ledger(null), ledger('at entry 2: changed')].map(([each]) => each?.state),
    ['ok', 'problem'],
  );
  const now = new Date('2026-01-01T00:00:00Z');
  const states = ['2025-12-31', '2026-01-02', '2026-02-01'].map((day) => {
    const serverCertificate = { serialNumber: '01', names: ['localhost'], notAfter: `${day}T00:00:00Z` };
    return checkServerCertificates({ serverCertificate, listenerCertificates: {} }, now)[0]?.state;
  });
  assert.deepEqual(states, ['problem', 'warning', 'ok']);
});

test("reads listening sockets from the kernel's table, and ignores sockets in other states", () => {
  const row = (local: string, state: string, inode: string) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 0 0 ${inode} 1`;
  const table = [
    '  sl local',
    row('0100007F:20FB', '0A', '111'),
    row('0100007F:20FB', '01', '222'),
    row('0100007F:0050', '0A', '333'),
  ];
  assert.deepEqual(listenersIn(table.join('\n'), 8443), ['111']);
});

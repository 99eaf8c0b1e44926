// The data folder: who may read it, whether the disk has space, and whether its times fit the clock.
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { shellLine } from '../ca/trust-stores/store.ts';
import { type Finding, ok, type Patient, problem, skipped, warning } from './finding.ts';

/** Only the owner may read these. */
const SECRET_FILES = [
  'master.key',
  'admin-password',
  'control.sock',
  'access.log',
  'ledger-head.json',
  'folder-mark',
];

export async function checkFolder({ folder }: Pick<Patient, 'folder'>): Promise<Finding[]> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined)
    return [skipped('data folder', `there is no data folder ${folder}: 'gatehouse up' creates it`)];
  if (!found.isDirectory())
    return [problem('data folder', `${folder} is not a folder`, 'name another one with --data')];
  const isShared = process.platform !== 'win32' && (found.mode & 0o077) !== 0;
  const mode = `${folder} has the mode ${(found.mode & 0o777).toString(8)}: other users can read it`;
  const shared = problem(
    'data folder',
    mode,
    'remove the access of other users',
    shellLine(['chmod', '700', folder]),
  );
  return [
    isShared ? shared : ok('data folder', `${folder}, which only its owner can read`),
    ...(await openFiles(folder)),
  ];
}

async function openFiles(folder: string): Promise<Finding[]> {
  if (process.platform === 'win32') return [];
  const findings: Finding[] = [];
  for (const name of SECRET_FILES) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || (found.mode & 0o077) === 0) continue;
    const mode = (found.mode & 0o777).toString(8);
    findings.push(
      problem(
        'file modes',
        `${name} has the mode ${mode}`,
        'remove the access of other users',
        shellLine(['chmod', '600', path]),
      ),
    );
  }
  return findings.length > 0 ? findings : [ok('file modes', 'secret files can be read by their owner only')];
}

const LOW_BYTES = 100 * 1024 ** 2;
const VERY_LOW_BYTES = 10 * 1024 ** 2;

export async function checkDisk({ folder }: Pick<Patient, 'folder'>): Promise<Finding[]> {
  const space = await statfs(folder).catch(() => undefined);
  if (space === undefined) return [skipped('disk', 'not known, because there is no data folder')];
  const free = space.bavail * space.bsize;
  const text = `${Math.floor(free / 1024 ** 2)} MiB are free`;
  const fix =
    'free space, or move the data folder: when the disk is full, the server refuses requests that it must record';
  if (free < VERY_LOW_BYTES) return [problem('disk', text, fix)];
  if (free < LOW_BYTES) return [warning('disk', text, fix)];
  if (space.files > 0 && space.ffree < 1000)
    return [warning('disk', `only ${space.ffree} more files fit`, fix)];
  return [ok('disk', text)];
}

/** Larger than the usual corrections of clocks. */
const SKEW_MS = 120_000;

/** Files from the future mean that the clock was set back. Then certificates may not be valid yet. */
export async function checkClock({ folder, now }: Pick<Patient, 'folder' | 'now'>): Promise<Finding[]> {
  const names = await readdir(folder).catch(() => []);
  const times = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const newest = Math.max(0, ...times);
  if (newest <= now.getTime() + SKEW_MS) return [ok('clock', now.toISOString())];
  const text = `the clock says ${now.toISOString()}, but a file is from ${new Date(newest).toISOString()}`;
  const fix = 'set the clock with NTP; if it is right now, it was ahead: see docs/clock.md';
  return [problem('clock', text, fix, 'timedatectl set-ntp true')];
}

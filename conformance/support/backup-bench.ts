// A folder with a data folder, a passphrase and a key, for tests of backups, restores and older copies.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Up } from './gatehouse-command.ts';
import { gatehouse, up } from './gatehouse-command.ts';
import { freePorts } from './ports.ts';

const upstream = 'http://127.0.0.1:1';
/** A key of age, only for tests. A passphrase takes a third of a second of processor time at each use. */
export const RECIPIENT = 'age1zvk6rm3lyl5jpx57jleysp2rw9g7kwwu66l0h7rjwweatjrt7apshhzl27';
const IDENTITY = 'AGE-SECRET-KEY-1CJ49ENKYZX22GWYHE4YN9V9YFSJ9XY3NQZNEVPG0RTC0SMHDY9LQMZFYMY';

/** The option that opens a backup. */
export type Protection = 'key' | 'passphrase';

export interface Bench {
  folder: string;
  data: string;
  /** A path in the folder. */
  file(name: string): string;
  up(data?: string, options?: { acceptRollback?: boolean; set?: readonly string[] }): Promise<Up>;
  /** Default: with a key. */
  backup(name: string, protection?: Protection): Promise<BackupAnswer>;
  restore(name: string, data: string, protection?: Protection): Promise<void>;
}

interface BackupAnswer {
  file: string;
  bytes: number;
  ledger: { seq: number };
}

export async function createBench(t: Pick<TestContext, 'after'>): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-backup-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const file = (name: string) => join(folder, name);
  writeFileSync(file('passphrase'), 'correct horse battery staple\n', { mode: 0o600 });
  writeFileSync(file('identity'), `${IDENTITY}\n`, { mode: 0o600 });
  const data = file('data');
  mkdirSync(data);
  // Certificates contain it, so it must stay the same.
  const [pkiPort] = await freePorts(1);
  const set = ['gateway.workers=1', `pki.listen=127.0.0.1:${pkiPort}`];
  const passphrase = ['--passphrase-file', file('passphrase')];
  return {
    folder,
    data,
    file,
    async up(where = data, { set: more = [], ...options } = {}) {
      const server = await up({ data: where, upstream, set: [...set, ...more], cwd: folder, ...options });
      t.after(server.stop);
      return server;
    },
    async backup(name, protection = 'key') {
      const options = protection === 'key' ? ['--recipient', RECIPIENT] : passphrase;
      const outcome = await gatehouse(['backup', file(name), '--data', data, '--json', ...options]);
      assert.equal(outcome.status, 0, outcome.stderr);
      return JSON.parse(outcome.stdout) as BackupAnswer;
    },
    async restore(name, where, protection = 'key') {
      const options = protection === 'key' ? ['--identity-file', file('identity')] : passphrase;
      const outcome = await gatehouse(['restore', file(name), '--data', where, '--json', ...options]);
      assert.equal(outcome.status, 0, outcome.stderr);
    },
  };
}

/** The id in an API key. */
export const idOf = (key: string) => key.split('_')[1] ?? '';

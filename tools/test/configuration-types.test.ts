import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { configurationTypes } from '../build/configuration-types.ts';

const CHECK = `import type { UserConfig as Checked } from '${resolve('packages/server/src/config.ts')}';
import type { UserConfig as Written } from './define-config.d.ts';
export const there: (config: Checked) => Written = (config) => config;
export const back: (config: Written) => Checked = (config) => config;
`;

test("the package's types of a configuration file match the schema that checks it", () => {
  mkdirSync('dist', { recursive: true });
  const folder = mkdtempSync(resolve('dist/types-'));
  try {
    writeFileSync(join(folder, 'define-config.d.ts'), configurationTypes());
    writeFileSync(join(folder, 'check.ts'), CHECK);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: resolve('tsconfig.json'), include: ['check.ts'] }),
    );
    // Several threads would check many types twice. One needs half of the processor time.
    const args = ['--project', folder, '--singleThreaded'];
    const { stdout } = spawnSync('node_modules/.bin/tsc', args, { encoding: 'utf8' });
    assert.equal(stdout, '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

// The packages of `npm run build`, installed in empty folders as their users do.
import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { run, up } from './support/gatehouse-command.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const TIMEOUT_MS = 300_000;
const CONFIGURATION = `import { defineConfig } from '@gatehouse/gatehouse';
export default defineConfig({ gateway: { workers: 1 } });
`;
/** A use of each library, and what it prints. */
const LIBRARIES: Record<string, [string, string]> = {
  client: [
    `import { createClient } from '@gatehouse/client'; console.log(typeof createClient);`,
    'function',
  ],
  protocol: [`import { uuid4 } from '@gatehouse/protocol'; console.log(typeof uuid4());`, 'string'],
  x509: [`import { generateKey } from '@gatehouse/x509'; console.log(typeof generateKey);`, 'function'],
};

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-install-'));
const built = join(folder, 'built');
after(() => rmSync(folder, { recursive: true, force: true }));

function tarball(pattern: string): string {
  const [path] = globSync(join(built, pattern));
  assert.ok(path, `no ${pattern} was built`);
  return path;
}

/** Standard output of a program that must succeed. */
async function output(program: string, args: readonly string[], cwd = folder): Promise<string> {
  const { status, stdout, stderr } = await run(program, args, { cwd });
  assert.equal(status, 0, stderr);
  return stdout;
}

describe('the packages', { timeout: TIMEOUT_MS }, () => {
  before(async () => {
    await output(process.execPath, ['tools/build.ts', '--into', built], root);
  });

  it('are what npm, bundlers and TypeScript expect, by publint and are-the-types-wrong', async () => {
    for (const path of globSync(join(built, '*.tgz'))) {
      const data = readFileSync(path);
      const { messages } = await publint({ pack: { tarball: new Uint8Array(data).buffer }, strict: true });
      assert.deepEqual(messages, [], basename(path));
      const analysis = await checkPackage(createPackageFromTarballData(data));
      assert.ok(analysis.types, `${basename(path)} has no types`);
      // They are modules: CommonJS loads them with require(esm).
      const problems = analysis.problems.filter(
        ({ kind }) => kind !== 'CJSResolvesToESM' && kind !== 'NoResolution',
      );
      assert.deepEqual(problems, [], basename(path));
    }
  });
});

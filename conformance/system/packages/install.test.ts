// The packages of `npm run build`, installed in empty folders as their users do. npm gets their dependencies
// from its cache, or from the registry.
import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import type { Up } from '../../support/gatehouse-command.ts';
import { up } from '../../support/gatehouse-command.ts';
import { startRecordingUpstream } from '../../support/upstreams.ts';
import { built, installed, outputOf, ROOT, TIMEOUT_MS } from './built.ts';

const QUIET = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
const CONFIGURATION = `import { defineConfig } from '@gatehouse/gatehouse';
export default defineConfig({ gateway: { maxHeaders: 50 } });
`;
/** The output of the example of each library. */
const EXAMPLES: Record<string, string> = {
  cedar: "{ allowed: true, reasons: [ 'owners' ], errors: [] }\n",
  client: 'connect\n',
  protocol: 'hello\n',
  x509: 'a chain of 2 certificates\n',
};

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-install-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function emptyFolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

async function tarballs(): Promise<string[]> {
  return globSync(join(await built(), '*.tgz')).sort();
}

describe('the packages of npm run build', { timeout: TIMEOUT_MS }, () => {
  it('are five tarballs with types and source maps, without tests and paths of this machine', async () => {
    const names = (await tarballs()).map((path) => basename(path).replace(/\d+\.\d+\.\d+/, 'VERSION'));
    const libraries = ['cedar', 'client', 'protocol', 'x509'].map((name) => `gatehouse-${name}-VERSION.tgz`);
    assert.deepEqual(names, ['gatehouse-VERSION.tgz', ...libraries].sort());
    for (const path of await tarballs()) {
      const files = await outputOf('tar', ['-tzf', path], folder);
      assert.doesNotMatch(files, /\.test\.|\/test\//);
      assert.match(files, /\.d\.ts$/m);
      assert.match(files, /\/(?:main|index)\.js$/m);
      assert.match(files, /\/(?:main|index)\.js\.map$/m);
      const text = await outputOf('tar', ['-xzOf', path], folder);
      assert.ok(!text.includes(ROOT) && !text.includes(folder), path);
    }
  });

  it('the program brings its pages, manual pages, completions for three shells, and the systemd unit', async () => {
    const [program = ''] = await tarballs();
    const files = await outputOf('tar', ['-tzf', program], folder);
    const names = ['gatehouse', '_gatehouse', 'gatehouse.fish'].map((name) => `completions/${name}`);
    for (const name of [...names, 'docs/operate.md', 'packaging/systemd/gatehouse.service'])
      assert.ok(files.includes(`package/${name}\n`), name);
    assert.match(files, /^package\/man\/(?:.*\/)?gatehouse-key\.1$/m);
  });

  it('fit npm, bundlers and TypeScript, by publint and "Are the types wrong?"', async () => {
    for (const path of await tarballs()) {
      const data = new Uint8Array(readFileSync(path));
      const { messages } = await publint({ pack: { tarball: data.buffer }, strict: true });
      assert.deepEqual(messages, [], basename(path));
      const analysis = await checkPackage(createPackageFromTarballData(data));
      assert.ok(analysis.types, `${basename(path)} has no types`);
      assert.deepEqual(analysis.problems.filter(isOurs), [], basename(path));
    }
  });

  it('the libraries run the examples of their pages', async () => {
    const project = emptyFolder('libraries');
    const libraries = (await tarballs()).filter((path) => !/gatehouse-\d/.test(path));
    await outputOf('npm', ['install', ...QUIET, ...libraries], project);
    for (const [name, printed] of Object.entries(EXAMPLES)) {
      const page = readFileSync(join(project, 'node_modules/@gatehouse', name, 'README.md'), 'utf8');
      writeFileSync(join(project, `${name}.mjs`), /```js\n(.*?)```/s.exec(page)?.[1] ?? '');
      assert.equal(await outputOf(process.execPath, [`${name}.mjs`], project), printed);
    }
  });

  describe('the program, installed with npm install -g', () => {
    let command: string;
    let server: Up | undefined;
    before(async () => {
      command = join(await installed(), 'bin/gatehouse');
    });
    after(() => server?.stop());

    const gatehouse = (...args: string[]) => {
      const option = args[0] === 'request' ? '--data-folder' : '--data';
      return outputOf(command, [...args, option, String(server?.data)], folder);
    };

    it('brings both runtimes, and nothing else', async () => {
      const modules = 'lib/node_modules/@gatehouse/gatehouse/node_modules/{@*/*,[!@]*}';
      const packages = globSync(join(await installed(), modules));
      const names = packages.map((path) => path.split('node_modules/').at(-1)).sort();
      assert.deepEqual(
        names.map((name) => name?.replace(/-[a-z0-9]+-[a-z0-9]+.*$/, '')),
        ['@oven/bun', 'node'],
      );
    });

    it('secures an API, with a configuration that imports its package', async () => {
      const upstream = await startRecordingUpstream();
      after(() => upstream.close());
      const config = join(emptyFolder('configuration'), 'gatehouse.config.ts');
      writeFileSync(config, CONFIGURATION);
      server = await up({ program: command, config, upstream: upstream.origin });
      const key = join(folder, 'robot.key');
      await gatehouse('key', 'create', 'robot', '--role', 'user', '--out', key);
      await gatehouse('request', '--key-file', key, `${server.ready.gateway}/`);
      assert.equal(upstream.requests.length, 1);
      const farm = ['farm', '--profile', 'client', '--role', 'user', '--out', folder];
      await gatehouse('cert', 'issue', ...farm);
      assert.match(await gatehouse('audit', 'verify'), /entries/);
    });
  });
});

/** All rules except this one: the packages are modules, which CommonJS loads with require(esm). */
function isOurs({ kind, ...rest }: { kind: string; resolutionKind?: string }): boolean {
  return kind !== 'CJSResolvesToESM' && rest.resolutionKind !== 'node10';
}

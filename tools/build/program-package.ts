// The package of the program, @gatehouse/gatehouse. It needs only the two runtimes. All other dependencies
// are in its files, so people run the tested code.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { completionScript } from '../../packages/cli/src/commands/completion/completion.ts';
import { configurationTypes } from './configuration-types.ts';
import { manifestOf, writeManifest } from './manifest.ts';
import { writeManual } from './manual.ts';
import { noticesFor } from './notices.ts';
import { bundleProgram } from './program.ts';

/** How the program finds its own files. */
export const PROGRAM_IMPORTS = {
  // It is a part of the worker, so its WebAssembly is beside the worker.
  '#cedar-library': './lib/cedar-worker.js',
  '#cedar-worker': './lib/cedar-worker.js',
  '#dataplane': './lib/dataplane.js',
  '#define-config': './lib/define-config.js',
  '#hash-thread': './lib/hash-thread.js',
};
const COPIES = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE'];

export async function writeProgramPackage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const foreign = await bundleProgram(join(folder, 'lib'));
  cpSync('packages/cli/bin', join(folder, 'bin'), {
    recursive: true,
    filter: (path) => !basename(path).startsWith('clone.'),
  });
  for (const file of COPIES) cpSync(file, join(folder, file));
  cpSync('packaging/systemd', join(folder, 'packaging/systemd'), { recursive: true });
  cpSync('docs', join(folder, 'docs'), {
    recursive: true,
    filter: (path) => !path.startsWith('docs/decisions'),
  });
  writeFileSync(join(folder, 'THIRD-PARTY.md'), noticesFor(foreign));
  writeFileSync(join(folder, 'lib/define-config.d.ts'), configurationTypes());
  writeCompletions(join(folder, 'completions'));
  writeManifest(folder, { ...programManifest(), man: writeManual(folder) });
}

/** With the file names that each shell expects. */
function writeCompletions(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'gatehouse'), completionScript('bash'));
  writeFileSync(join(folder, '_gatehouse'), completionScript('zsh'));
  writeFileSync(join(folder, 'gatehouse.fish'), completionScript('fish'));
}

function programManifest(): object {
  const { name, version, description, license, engines, optionalDependencies } = manifestOf('cli');
  const runtimes = { ...optionalDependencies, ...manifestOf('dataplane').optionalDependencies };
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    bin: { gatehouse: 'bin/gatehouse.mjs' },
    exports: { '.': { types: './lib/define-config.d.ts', default: './lib/define-config.js' } },
    imports: { '#program': './bin/installed.mjs', ...PROGRAM_IMPORTS },
    engines,
    optionalDependencies: runtimes,
  };
}

// A library as plain JavaScript: one file for each source, with its types, its source map, and the source.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { manifestOf, writeManifest } from './manifest.ts';
import { runTool } from './run-tool.ts';

/** The packages that are useful without the server. */
export const LIBRARIES = ['cedar', 'client', 'protocol', 'x509'];

/** Writes the package `name` of `packages/` into `folder`. */
export function writeLibrary(name: string, folder: string): void {
  const source = join('packages', name);
  mkdirSync(folder, { recursive: true });
  writeManifest(folder, libraryManifest(name));
  cpSync(join(source, 'src'), join(folder, 'src'), { recursive: true });
  cpSync(join(source, 'README.md'), join(folder, 'README.md'));
  cpSync('LICENSE', join(folder, 'LICENSE'));
  compile(folder);
}

function libraryManifest(name: string): object {
  const { exports, imports, ...manifest } = manifestOf(name);
  const builtExports = Object.entries(exports).map(([path, target]) => [path, builtExport(target)]);
  return {
    ...manifest,
    sideEffects: false,
    exports: Object.fromEntries(builtExports),
    ...(imports === undefined ? {} : { imports: builtImports(imports) }),
  };
}

/** A file, or one for each condition. */
function builtExport(target: string | Record<string, string>): object {
  if (typeof target === 'string') return { types: built(target, '.d.ts'), default: built(target) };
  return Object.fromEntries(
    Object.entries(target).map(([condition, file]) => [condition, builtExport(file)]),
  );
}

/** The sources are compiled in the place where the source maps expect them. */
function compile(folder: string): void {
  const configuration = join(folder, 'tsconfig.json');
  const options = {
    extends: resolve('tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      rootDir: 'src',
      outDir: 'lib',
      declaration: true,
      declarationMap: true,
      sourceMap: true,
      rewriteRelativeImportExtensions: true,
    },
    include: ['src'],
  };
  writeFileSync(configuration, JSON.stringify(options));
  runTool('tsc', ['--project', configuration]);
  rmSync(configuration);
}

/** `./src/index.ts` becomes `./lib/index.js`. */
function built(file: string, extension = '.js'): string {
  return file.replace('./src/', './lib/').replace(/\.ts$/, extension);
}

function builtImports(imports: Record<string, string | Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(imports).map(([name, target]) => [
      name,
      typeof target === 'string'
        ? built(target)
        : Object.fromEntries(Object.entries(target).map(([condition, file]) => [condition, built(file)])),
    ]),
  );
}

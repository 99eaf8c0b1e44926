// Reads the package.json files of the sources.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  type: 'module';
  engines: Record<string, string>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  exports: Record<string, string | Record<string, string>>;
  imports?: Record<string, string | Record<string, string>>;
}

/** The manifest of a package in `packages/`. */
export function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8')) as Manifest;
}

/** Writes the manifest of a built package into its folder. */
export function writeManifest(folder: string, manifest: object): void {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

// The tarball of a built package.
import { renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runTool } from './run-tool.ts';

/** Packs `folder` into a tarball in `target`, and returns its path. */
export function pack(folder: string, target: string): string {
  const said = runTool('npm', [
    'pack',
    resolve(folder),
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    target,
  ]);
  const [packed] = JSON.parse(said) as { filename: string; version: string }[];
  if (packed === undefined) throw new Error(`npm packed nothing of ${folder}.`);
  // npm would call the program's tarball gatehouse-gatehouse-VERSION.tgz.
  const name = packed.filename.replace(/^gatehouse-gatehouse-/, 'gatehouse-');
  renameSync(join(target, packed.filename), join(target, name));
  return join(target, name);
}

// The tarballs of built packages.
import { renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runTool } from './run-tool.ts';

/**
 * Packs all folders into tarballs in `target` with one start of npm, which takes half a second. Returns the
 * paths.
 */
export function pack(folders: readonly string[], target: string): string[] {
  const said = runTool('npm', [
    'pack',
    ...folders.map((folder) => resolve(folder)),
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    target,
  ]);
  const packed = JSON.parse(said) as { filename: string }[];
  if (packed.length !== folders.length)
    throw new Error(`npm packed ${packed.length} of ${folders.join(', ')}.`);
  return packed.map(({ filename }) => {
    // npm would call the program's tarball gatehouse-gatehouse-VERSION.tgz.
    const path = join(target, filename.replace(/^gatehouse-gatehouse-/, 'gatehouse-'));
    renameSync(join(target, filename), path);
    return path;
  });
}

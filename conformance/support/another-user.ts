// Runs a program as a user who may write only the data folder: not the program's own folder, no home, no
// folder for temporary files.
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The user of the image. It exists on no machine. */
const UNPRIVILEGED = 65_532;

export interface RestrictedProgram {
  /** Starts the program. */
  program: string;
  /** An empty data folder that the user owns. */
  data: string;
  environment: NodeJS.ProcessEnv;
}

/**
 * Only root can run a program as another user; the caller has made the program's folder read-only for
 * others.
 */
export function restricted(program: string, folder: string): RestrictedProgram {
  mkdirSync(folder);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(data, UNPRIVILEGED, UNPRIVILEGED);
  const as = isRoot
    ? `setpriv --reuid=${UNPRIVILEGED} --regid=${UNPRIVILEGED} --clear-groups --no-new-privs --bounding-set=-all`
    : '';
  const script = join(folder, 'program');
  writeFileSync(script, `#!/bin/sh\nexec ${as} ${program} "$@"\n`);
  chmodSync(script, 0o755);
  return { program: script, data, environment: { HOME: '/nonexistent', TMPDIR: '/nonexistent' } };
}

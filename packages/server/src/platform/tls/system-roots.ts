// The roots to trust if no setting names others: those of the system, the same on every runtime. Without
// this, Bun and Node would each use their own list of Mozilla.
import { getCACertificates } from 'node:tls';
import type { Log } from '../log/log.ts';

/** PEM. A system without roots gets those of Mozilla that Node has, and the log says so. */
export function readSystemRoots(
  log: Pick<Log, 'event'>,
  rootsOf: (kind: 'system' | 'bundled') => readonly string[] = getCACertificates,
): string {
  const roots = rootsOf('system');
  if (roots.length > 0) return textOf(roots);
  log.event('tls.no_system_roots');
  return textOf(rootsOf('bundled'));
}

// Node lists a root each time it finds it: in the single file, and in each link of the folder.
function textOf(certificates: readonly string[]): string {
  return [...new Set(certificates.map((pem) => `${pem.trimEnd()}\n`))].join('');
}

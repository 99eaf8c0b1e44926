// The roots that count where no setting names others: those of the system, on every runtime
// the same. Bun and Node would each use the list of Mozilla that they were built with.
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

// Node lists a root as often as it finds it: in the one file, and in each of the links of the folder.
function textOf(certificates: readonly string[]): string {
  return [...new Set(certificates.map((pem) => `${pem.trimEnd()}\n`))].join('');
}

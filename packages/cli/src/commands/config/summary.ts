// Describes a configuration in one line for people.
import type { Configuration } from '../../connection/admin-api.ts';
import { visible } from '../../output/print.ts';

export type Summary = Pick<Configuration, 'file' | 'digest' | 'routes' | 'upstreams'>;

const SHOWN_DIGITS = 12;

/** `/etc/gatehouse/gatehouse.config.ts (sha256:0f3a…), 3 routes, 1 upstream` */
export function summaryLine({ file, digest, routes, upstreams }: Summary): string {
  const from = file === null ? 'no configuration file' : `${visible(file)} (${shortDigest(digest)})`;
  return `${from}, ${counted(routes, 'route')}, ${counted(upstreams, 'upstream')}`;
}

export function shortDigest(digest: string | null): string {
  return digest === null ? '-' : `${digest.slice(0, 'sha256:'.length + SHOWN_DIGITS)}…`;
}

/** `3 routes` */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

// `gatehouse key show ID`: one key, without its secret.
import type { Key } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printFacts } from '../../output/facts.ts';
import { printJson } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { keyPath } from './change.ts';

export async function keyShow(this: CliContext, flags: ManagementFlags, id: string): Promise<void> {
  const key = await withTransport(this, flags, (transport) => transport.call<Key>('GET', keyPath(id)));
  if (flags.json) return printJson(this.process, key);
  const time = (at: string | null, none: string) => (at === null ? none : shortTime(at));
  printFacts(this, [
    ['id', key.id],
    ['service', key.name],
    ['roles', key.roles],
    ['scopes', key.scopes],
    ['from', key.addresses.length > 0 ? key.addresses : 'anywhere'],
    ['state', key.state],
    ['signs', key.algorithm],
    ['created', shortTime(key.createdAt)],
    ['expires', time(key.expiresAt, 'never')],
    ['last used', time(key.lastUsedAt, 'never')],
  ]);
}

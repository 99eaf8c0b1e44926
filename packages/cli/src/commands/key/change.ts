// `gatehouse key set|disable|enable ID`: changes a key, not its secret. In force everywhere before the
// command returns.
import type { Key } from '../../connection/admin-api.ts';
import { setDisabled } from '../../connection/disabled-state.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import type { KeyLimits } from './create.ts';
import { limitsOf } from './create.ts';
import { parseId } from './revoke.ts';

export interface KeySetFlags extends Omit<KeyLimits, 'role'>, ManagementFlags {
  noScopes?: boolean;
  anyAddress?: boolean;
  neverExpires?: boolean;
}

export async function keySet(this: CliContext, flags: KeySetFlags, id: string): Promise<void> {
  const change = changeOf(flags);
  const key = await withTransport(this, flags, (transport) =>
    transport.call<Key>('POST', `${keyPath(id)}/limits`, change),
  );
  if (flags.json) return printJson(this.process, key);
  print(this.process, `changed the key ${visible(key.id)} of ${visible(key.name)}`);
}

export function keyDisable(this: CliContext, flags: ManagementFlags, id: string): Promise<void> {
  const change = { disabled: true, kind: 'the key of ', effect: 'it is refused' };
  return setDisabled(this, flags, { path: keyPath(id), ...change });
}

export function keyEnable(this: CliContext, flags: ManagementFlags, id: string): Promise<void> {
  const change = { disabled: false, kind: 'the key of ', effect: 'it is accepted again' };
  return setDisabled(this, flags, { path: keyPath(id), ...change });
}

/** Of a key in the admin API. */
export function keyPath(id: string): string {
  return `/admin/keys/${encodeURIComponent(parseId(id))}`;
}

function changeOf(flags: KeySetFlags): object {
  const { roles: _, scopes, addresses, ...end } = limitsOf(flags);
  const change = {
    scopes: flags.noScopes ? [] : scopes,
    addresses: flags.anyAddress ? [] : addresses,
    ...end,
    ...(flags.neverExpires && { expiresAt: null }),
  };
  if (Object.values(change).some((value) => value !== undefined)) return change;
  throw usageError('say what to change, such as --scope notes:read or --expires 90d; see --help');
}

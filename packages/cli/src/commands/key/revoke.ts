// `gatehouse key revoke ID`: from then on, the key is refused. Accepts a whole key in place of its id, and
// never repeats a secret.

import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function keyRevoke(this: CliContext, flags: ManagementFlags, key: string): Promise<void> {
  const id = parseId(key);
  await revokeKey(this, flags, id);
  if (flags.json) return printJson(this.process, { id, revoked: true });
  print(this.process, `revoked API key ${visible(id)}`);
}

export function revokeKey(context: CliContext, flags: ManagementFlags, id: string): Promise<void> {
  const path = `/admin/keys/${encodeURIComponent(id)}`;
  return withTransport(context, flags, (transport) => transport.call('DELETE', path));
}

/**
 * The id is the second part of `ghk_<id>_<secret>_<crc32>` (docs/wire/api-key.md). An id has no underscore,
 * but a part of a key has.
 */
export function parseId(text: string): string {
  const id = /^ghk_([^_]+)(?:_|$)/.exec(text)?.[1] ?? text;
  if (id === '' || id.includes('_')) throw usageError("ID should be a key's id, as 'key list' shows it");
  return id;
}

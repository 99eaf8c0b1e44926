// `gatehouse key create NAME`: an API key. Standard output has the key and nothing else, so that it can go to a file.
import type { CreatedKey } from '../admin-api.ts';
import type { ManagementFlags } from '../flags.ts';
import { print, printJson, remark, visible } from '../output.ts';
import type { CliContext } from '../process.ts';
import { withTransport } from '../transport.ts';

export interface KeyCreateFlags extends ManagementFlags {
  role: readonly string[];
  /** Seconds. */
  expiresIn?: number;
}

export async function keyCreate(this: CliContext, flags: KeyCreateFlags, name: string): Promise<void> {
  const body = { name, roles: flags.role, expiresInSeconds: flags.expiresIn };
  const created = await withTransport(this, flags, (transport) =>
    transport.call<CreatedKey>('POST', '/admin/keys', body),
  );
  if (flags.json) return printJson(this.process, created);
  print(this.process, created.key);
  remark(this.process, describe(created));
}

function describe({ id, name, roles, expiresAt }: CreatedKey): string {
  const lifetime = expiresAt === null ? 'does not expire' : `expires ${expiresAt}`;
  return visible(
    `API key ${id} for ${name} with ${roles.join(', ')}, ${lifetime}. It is shown this once; send it as X-API-Key.`,
  );
}

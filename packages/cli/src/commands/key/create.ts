// `gatehouse key create NAME`: an API key. It goes to a file of its own with --out, else to standard output, alone.
import type { CreatedKey } from '../../admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, remark, visible } from '../../output.ts';
import type { CliContext } from '../../process.ts';
import { keepSecret } from '../../secrets.ts';
import { withTransport } from '../../transport.ts';

export interface KeyCreateFlags extends ManagementFlags {
  role: readonly string[];
  /** Seconds. */
  expiresIn?: number;
  out?: string;
}

export async function keyCreate(this: CliContext, flags: KeyCreateFlags, name: string): Promise<void> {
  const { process } = this;
  const body = { name, roles: flags.role, expiresInSeconds: flags.expiresIn };
  const create = () =>
    withTransport(this, flags, (transport) => transport.call<CreatedKey>('POST', '/admin/keys', body));
  if (flags.out === undefined) {
    const created = await create();
    if (flags.json) return printJson(process, created);
    print(process, created.key);
    return remark(process, describe(created, 'It is shown this once; send it as X-API-Key.'));
  }
  const { key: _, ...created } = await keepSecret(flags.out, create, (made) => made.key);
  if (flags.json) return printJson(process, { ...created, file: flags.out });
  remark(process, describe(created, `It is in ${flags.out} and nowhere else; send it as X-API-Key.`));
}

function describe({ id, name, roles, expiresAt }: Omit<CreatedKey, 'key'>, what: string): string {
  const lifetime = expiresAt === null ? 'does not expire' : `expires ${expiresAt}`;
  return visible(`API key ${id} for ${name} with ${roles.join(', ')}, ${lifetime}. ${what}`);
}

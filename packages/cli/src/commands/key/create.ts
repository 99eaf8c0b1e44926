// `gatehouse key create NAME`: an API key. It goes to a new file with --out, otherwise to standard output,
// alone. A key that could not be written is revoked.
import type { CreatedKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { type Delivery, deliverToFile, deliverToOutput } from '../../output/deliver.ts';
import { jsonText, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { revokeKey } from './revoke.ts';

export interface KeyCreateFlags extends ManagementFlags {
  role: readonly string[];
  /** Seconds. */
  expiresIn?: number;
  out?: string;
}

export async function keyCreate(this: CliContext, flags: KeyCreateFlags, name: string): Promise<void> {
  const { process } = this;
  const body = { name, roles: flags.role, expiresInSeconds: flags.expiresIn };
  const delivery: Delivery<CreatedKey> = {
    make: () =>
      withTransport(this, flags, (transport) => transport.call<CreatedKey>('POST', '/admin/keys', body)),
    textOf: ({ key }) => key,
    revocationOf: ({ id }) => ({
      name: `API key ${id}`,
      revoke: () => revokeKey(this, flags, id),
      command: `gatehouse key revoke ${id}`,
    }),
  };
  if (flags.out === undefined) {
    const textOf = flags.json ? jsonText : delivery.textOf;
    const created = await deliverToOutput(this, { ...delivery, textOf });
    if (flags.json) return;
    return remark(
      process,
      describe(created, 'It is printed only this once; send it in X-API-Key, or as a bearer token.'),
    );
  }
  const { key: _, ...created } = await deliverToFile(flags.out, delivery);
  if (flags.json) return printJson(process, { ...created, file: flags.out });
  remark(
    process,
    describe(created, `It is in ${flags.out} and nowhere else; send it in X-API-Key, or as a bearer token.`),
  );
}

function describe({ id, name, roles, expiresAt }: Omit<CreatedKey, 'key'>, what: string): string {
  const lifetime = expiresAt === null ? 'does not expire' : `expires ${expiresAt}`;
  return visible(`API key ${id} for ${name} with ${roles.join(', ')}, ${lifetime}. ${what}`);
}

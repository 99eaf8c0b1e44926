// `gatehouse user digest-password NAME`: makes a password for the way in `digest`, which replaces the old
// one. Writes it to a new file with --out, otherwise to standard output, with nothing else.
import type { DigestPassword } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { type Delivery, deliverToFile, deliverToOutput } from '../../output/deliver.ts';
import { jsonText, print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface DigestPasswordFlags extends ManagementFlags {
  remove?: boolean;
  out?: string;
}

export async function userDigestPassword(
  this: CliContext,
  flags: DigestPasswordFlags,
  name: string,
): Promise<void> {
  if (!flags.remove) return deliver(this, flags, name);
  if (flags.out !== undefined) throw usageError('give --remove or --out, not both');
  await call(this, flags, 'DELETE', name);
  if (flags.json) return printJson(this.process, { name, removed: true });
  print(this.process, `removed the digest password of ${visible(name)}`);
}

function call(
  context: CliContext,
  flags: ManagementFlags,
  method: 'POST' | 'DELETE',
  name: string,
): Promise<DigestPassword> {
  const path = `/admin/users/${encodeURIComponent(name)}/digest-password`;
  return withTransport(context, flags, (transport) => transport.call<DigestPassword>(method, path));
}

/** A password that cannot be delivered is removed. */
async function deliver(context: CliContext, flags: DigestPasswordFlags, name: string): Promise<void> {
  const { process } = context;
  const delivery: Delivery<DigestPassword> = {
    make: () => call(context, flags, 'POST', name),
    textOf: ({ password }) => password,
    revocationOf: () => ({
      name: `the digest password of ${name}`,
      revoke: () => call(context, flags, 'DELETE', name),
      command: `gatehouse user digest-password ${name} --remove`,
    }),
  };
  if (flags.out === undefined) {
    await deliverToOutput(context, flags.json ? { ...delivery, textOf: jsonText } : delivery);
    if (!flags.json) remark(process, `Digest password of ${visible(name)}. It is printed only this once.`);
    return;
  }
  await deliverToFile(flags.out, delivery);
  if (flags.json) return printJson(process, { name, file: flags.out });
  remark(process, `Digest password of ${visible(name)}. It is only in ${visible(flags.out)}.`);
}

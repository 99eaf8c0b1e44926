// `gatehouse user set NAME`: sets and removes attributes. In force everywhere before the command returns.
import type { ChangedUser } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { type AttributeFlags, attributeChange } from '../../input/attributes.ts';
import { attributeTexts } from '../../output/attributes.ts';
import { cell, print, printJson, printWarnings, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export type UserSetFlags = ManagementFlags & AttributeFlags;

export async function userSet(this: CliContext, flags: UserSetFlags, name: string): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}/attributes`;
  const change = attributeChange(flags);
  const user = await withTransport(this, flags, (transport) =>
    transport.call<ChangedUser>('POST', path, change),
  );
  printWarnings(this.process, user);
  if (flags.json) return printJson(this.process, user);
  print(this.process, `${visible(user.name)} has ${cell(attributeTexts(user.attributes))}`);
}

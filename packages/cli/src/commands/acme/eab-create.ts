// `gatehouse acme eab create NAME`: a key that binds an ACME account to a user or service (RFC 8555 §7.3.4).
// Its secret goes to a new file with --out, otherwise to standard output. A key that could not be written is
// revoked.
import type { CreatedEabKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { type Delivery, deliverToFile, deliverToOutput } from '../../output/deliver.ts';
import { cell, jsonText, print, printJson, remark } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { revokeEabKey } from './eab-revoke.ts';

export interface EabCreateFlags extends ManagementFlags {
  out?: string;
}

export async function eabCreate(this: CliContext, flags: EabCreateFlags, name: string): Promise<void> {
  const { process } = this;
  const delivery: Delivery<CreatedEabKey> = {
    make: () =>
      withTransport(this, flags, (transport) =>
        transport.call<CreatedEabKey>('POST', '/admin/acme/eab', { name }),
      ),
    textOf: ({ hmacKey }) => hmacKey,
    revocationOf: ({ kid }) => ({
      name: `the key ${kid}`,
      revoke: () => revokeEabKey(this, flags, kid),
      command: `gatehouse acme eab revoke ${kid}`,
    }),
  };
  if (flags.out === undefined) {
    const textOf = flags.json ? jsonText : inWords;
    const created = await deliverToOutput(this, { ...delivery, textOf });
    if (flags.json) return;
    return remark(process, `For ${cell(created.name)}. The HMAC key is printed only this once.`);
  }
  const { hmacKey: _, ...created } = await deliverToFile(flags.out, delivery);
  if (flags.json) return printJson(process, { ...created, file: flags.out });
  print(process, `kid       ${cell(created.kid)}`);
  remark(process, `For ${cell(created.name)}. The HMAC key is only in ${cell(flags.out)}.`);
}

function inWords({ kid, hmacKey }: CreatedEabKey): string {
  return `kid       ${cell(kid)}\nhmac key  ${cell(hmacKey)}`;
}

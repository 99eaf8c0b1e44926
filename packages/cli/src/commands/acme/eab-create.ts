// `gatehouse acme eab create NAME`: a key that binds an ACME account to a user or service (RFC 8555 §7.3.4). Its secret goes to a
// file of its own with --out, else to standard output, this once.
import type { CreatedEabKey } from '../../admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson, remark } from '../../output.ts';
import type { CliContext } from '../../process.ts';
import { keepSecret } from '../../secrets.ts';
import { withTransport } from '../../transport.ts';

export interface EabCreateFlags extends ManagementFlags {
  out?: string;
}

export async function eabCreate(this: CliContext, flags: EabCreateFlags, name: string): Promise<void> {
  const { process } = this;
  const create = () =>
    withTransport(this, flags, (transport) =>
      transport.call<CreatedEabKey>('POST', '/admin/acme/eab', { name }),
    );
  if (flags.out === undefined) {
    const created = await create();
    if (flags.json) return printJson(process, created);
    print(process, `kid       ${cell(created.kid)}\nhmac key  ${cell(created.hmacKey)}`);
    return remark(process, `For ${cell(created.name)}. The HMAC key is shown this once.`);
  }
  const { hmacKey: _, ...created } = await keepSecret(flags.out, create, (made) => made.hmacKey);
  if (flags.json) return printJson(process, { ...created, file: flags.out });
  print(process, `kid       ${cell(created.kid)}`);
  remark(process, `For ${cell(created.name)}. The HMAC key is in ${cell(flags.out)} and nowhere else.`);
}

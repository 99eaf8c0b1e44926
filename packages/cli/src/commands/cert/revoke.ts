// `gatehouse cert revoke SERIAL|FILE`: returns when every worker refuses the certificate and the new revocation list is out.
import type { RevocationReason } from '@gatehouse/x509';
import type { Certificate } from '../../admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson } from '../../output.ts';
import type { CliContext } from '../../process.ts';
import { withTransport } from '../../transport.ts';
import { factsOf } from './issued.ts';
import { certificatePath, serialNumberOf } from './serial-number.ts';

export interface CertRevokeFlags extends ManagementFlags {
  reason?: RevocationReason;
}

export async function certRevoke(
  this: CliContext,
  flags: CertRevokeFlags,
  serialOrFile: string,
): Promise<void> {
  const path = `${certificatePath(await serialNumberOf(serialOrFile))}/revoke`;
  const body = { reason: flags.reason };
  const revoked = await withTransport(this, flags, (transport) =>
    transport.call<Certificate>('POST', path, body),
  );
  if (flags.json) return printJson(this.process, factsOf(revoked));
  print(this.process, `revoked ${cell(revoked.serial)} for ${cell(revoked.names)}`);
}

// `gatehouse cert revoke SERIAL|FILE`: returns when every worker refuses the certificate and the new revocation list is out.
import type { RevocationReason } from '@gatehouse/x509';
import type { Certificate } from '../../admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson } from '../../output.ts';
import type { CliContext } from '../../process.ts';
import { withTransport } from '../../transport.ts';
import { factsOf } from './issued.ts';
import { certificatePath, completeSerialNumber, serialNumberOf } from './serial-number.ts';

export interface CertRevokeFlags extends ManagementFlags {
  reason?: RevocationReason;
}

export async function certRevoke(
  this: CliContext,
  flags: CertRevokeFlags,
  serialOrFile: string,
): Promise<void> {
  const digits = await serialNumberOf(serialOrFile);
  const body = { reason: flags.reason };
  const revoked = await withTransport(this, flags, async (transport) => {
    const serial = await completeSerialNumber(transport, digits);
    return transport.call<Certificate>('POST', `${certificatePath(serial)}/revoke`, body);
  });
  if (flags.json) return printJson(this.process, factsOf(revoked));
  print(this.process, `revoked ${cell(revoked.serial)} for ${cell(revoked.names)}`);
}

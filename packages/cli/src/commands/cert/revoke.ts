// `gatehouse cert revoke SERIAL|FILE`: returns when every worker refuses the certificate and the new
// revocation list is published.
import { encodePem, type RevocationReason } from '@gatehouse/x509';
import type { Certificate } from '../../connection/admin-api.ts';
import { type Transport, withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { factsOf } from './issued.ts';
import { certificateIn, certificatePath, completeSerialNumber, parseSerialNumber } from './serial-number.ts';

export interface CertRevokeFlags extends ManagementFlags {
  reason?: RevocationReason;
}

export async function certRevoke(
  this: CliContext,
  flags: CertRevokeFlags,
  serialOrFile: string,
): Promise<void> {
  const { reason } = flags;
  const digits = parseSerialNumber(serialOrFile);
  const certificate = digits === undefined ? await certificateIn(serialOrFile) : undefined;
  const revoked = await withTransport(this, flags, async (transport) => {
    const serial = certificate?.serialNumber ?? (await completeSerialNumber(transport, digits ?? ''));
    // A certificate can be revoked even if the inventory does not have it.
    const body = certificate
      ? { reason, certificate: encodePem('CERTIFICATE', certificate.der) }
      : { reason };
    return revokeCertificate(transport, serial, body);
  });
  if (flags.json) return printJson(this.process, factsOf(revoked));
  const names = revoked.names.length > 0 ? ` for ${cell(revoked.names)}` : '';
  print(this.process, `revoked ${cell(revoked.serial)}${names}`);
}

export interface Revoking {
  reason: RevocationReason | undefined;
  /** PEM, if the command was given the certificate. */
  certificate?: string;
}

export function revokeCertificate(
  transport: Transport,
  serial: string,
  body: Revoking,
): Promise<Certificate> {
  return transport.call<Certificate>('POST', `${certificatePath(serial)}/revoke`, body);
}

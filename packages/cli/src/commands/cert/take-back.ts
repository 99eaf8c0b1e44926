// Revokes a certificate that was issued but could not be written: without its files, it has no use.
import type { CertificateFacts } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { CliError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { type Revocation, takeBack } from '../../output/deliver.ts';
import type { CliContext } from '../../process.ts';
import { revokeCertificate } from './revoke.ts';

export function revocationOf(
  context: CliContext,
  flags: ManagementFlags,
  { serial }: CertificateFacts,
): Revocation {
  return {
    name: `the certificate ${serial}`,
    revoke: () =>
      withTransport(context, flags, (transport) => revokeCertificate(transport, serial, { reason: REASON })),
    command: `gatehouse cert revoke ${serial}`,
  };
}

/** For `catch` after a failed write: revokes the certificate, and says so in the error. */
export function takingBack(context: CliContext, flags: ManagementFlags, issued: CertificateFacts) {
  return async (error: unknown): Promise<never> => {
    if (!(error instanceof CliError)) throw error;
    throw await takeBack(error, revocationOf(context, flags, issued));
  };
}

/** The reason for a certificate that will not be used (RFC 5280 §5.3.1). */
const REASON = 'cessationOfOperation';

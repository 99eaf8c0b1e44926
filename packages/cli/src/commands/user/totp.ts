// `gatehouse user totp NAME`: switches TOTP on for a user, or off. Prints the secret for an authenticator
// app, and the recovery codes. If they cannot be printed, it switches TOTP off again.
import type { EnrolledTotp } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { deliverToOutput } from '../../output/deliver.ts';
import { jsonText, print, printJson, visible } from '../../output/print.ts';
import { qrCode } from '../../output/qr-code.ts';
import type { CliContext, CliProcess } from '../../process.ts';

export interface UserTotpFlags extends ManagementFlags {
  remove?: boolean;
}

export async function userTotp(this: CliContext, flags: UserTotpFlags, name: string): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}/totp`;
  const remove = () => withTransport(this, flags, (transport) => transport.call('DELETE', path));
  if (flags.remove) {
    await remove();
    if (flags.json) return printJson(this.process, { name, removed: true });
    return print(this.process, `switched TOTP off for ${visible(name)}: the password alone is now enough`);
  }
  await deliverToOutput<EnrolledTotp>(this, {
    make: () => withTransport(this, flags, (transport) => transport.call('POST', path)),
    textOf: (made) => (flags.json ? jsonText(made) : inWords(this.process, made)),
    revocationOf: () => ({
      name: `TOTP of ${name}`,
      revoke: remove,
      command: `gatehouse user totp ${name} --remove`,
    }),
  });
}

function inWords(process: CliProcess, { name, uri, recovery_codes: codes }: EnrolledTotp): string {
  return `switched TOTP on for ${visible(name)}: scan this with an authenticator app

${qrCode(process, uri)}

${visible(uri)}

recovery codes, each of which works once:
${codes.map((code) => `  ${visible(code)}`).join('\n')}`;
}

// `gatehouse user totp NAME`: switches TOTP on for a user, or off. Prints what an authenticator app needs,
// and the recovery codes.
import type { EnrolledTotp } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import { qrCode } from '../../output/qr-code.ts';
import type { CliContext, CliProcess } from '../../process.ts';

export interface UserTotpFlags extends ManagementFlags {
  remove?: boolean;
}

export async function userTotp(this: CliContext, flags: UserTotpFlags, name: string): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}/totp`;
  if (flags.remove) {
    await withTransport(this, flags, (transport) => transport.call('DELETE', path));
    if (flags.json) return printJson(this.process, { name, removed: true });
    return print(this.process, `switched TOTP off for ${visible(name)}: the password alone is now enough`);
  }
  const enrolled = await withTransport(this, flags, (transport) =>
    transport.call<EnrolledTotp>('POST', path),
  );
  if (flags.json) return printJson(this.process, enrolled);
  show(this.process, enrolled);
}

function show(process: CliProcess, { name, uri, recovery_codes: codes }: EnrolledTotp): void {
  print(process, `switched TOTP on for ${visible(name)}: scan this with an authenticator app`);
  print(process, `\n${qrCode(process, uri)}\n\n${visible(uri)}\n`);
  print(process, 'recovery codes, each of which works once:');
  for (const code of codes) print(process, `  ${visible(code)}`);
}

// `gatehouse logout`: revokes the tokens of a sign-in (RFC 7009), and removes them from this machine, also if
// the server cannot be reached.
import { controlUrl, ownDataFolder } from '../../connection/data-folder.ts';
import { grantOf, type Login, readLogins } from '../../connection/logins.ts';
import { openFetch } from '../../connection/oauth-fetch.ts';
import { CliError, exitStatus } from '../../exit-status.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';

export interface LogoutFlags {
  all?: boolean;
  json?: boolean;
  data?: string;
  server?: string;
  cacert?: string;
}

export async function logout(this: CliContext, flags: LogoutFlags): Promise<void> {
  const { process } = this;
  const logins = Object.entries(await readLogins(process));
  const issuer = flags.all ? undefined : await issuerOf(flags, process);
  const chosen = logins.filter(
    ([origin, login]) => issuer === undefined || [origin, login.issuer].includes(issuer),
  );
  if (chosen.length === 0 && issuer !== undefined)
    throw new CliError(exitStatus.failed, `you are not signed in at ${issuer}`);
  for (const [origin, login] of chosen) {
    await revoke(process, flags, { origin, login }).catch((error: Error) =>
      remark(
        process,
        visible(`gatehouse: warning: the token for ${origin} was not revoked: ${error.message}`),
      ),
    );
  }
  const origins = chosen.map(([origin]) => origin);
  if (flags.json) return printJson(process, { signedOut: origins });
  for (const origin of origins) print(process, visible(`Signed out of ${origin}.`));
}

async function issuerOf({ server, data }: LogoutFlags, { env }: CliProcess): Promise<string> {
  return new URL(server ?? (await controlUrl(await ownDataFolder(data, env)))).origin;
}

/** If the refresh token is revoked, all tokens from it are void. */
async function revoke(
  process: CliProcess,
  flags: LogoutFlags,
  { origin, login }: { origin: string; login: Login },
): Promise<void> {
  const { signOutThrough } = await import('@gatehouse/client/oauth');
  const { fetch, close } = await openFetch(flags, process.env);
  try {
    await signOutThrough(fetch, grantOf(process, origin, login));
  } finally {
    await close();
  }
}

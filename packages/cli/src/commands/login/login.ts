// `gatehouse login NAME`: signs in and prints the access token and nothing else, so that a script can store
// it. Sends the password to the control plane over HTTPS only.
import type { SignedIn } from '../../connection/admin-api.ts';
import { withAnonymousTransport } from '../../connection/transport.ts';
import { passwordSource, promptPassword } from '../../input/secrets.ts';
import { deliverToFile } from '../../output/deliver.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface LoginFlags {
  out?: string;
  passwordStdin?: boolean;
  json?: boolean;
  data?: string;
  server?: string;
  cacert?: string;
}

export async function login(this: CliContext, flags: LoginFlags, username: string): Promise<void> {
  const { process } = this;
  const readPassword = passwordSource(flags.passwordStdin === true, process, promptPassword);
  const signIn = () =>
    withAnonymousTransport(this, flags, async (transport) =>
      transport.call<SignedIn>('POST', '/auth/login', { username, password: await readPassword() }),
    );
  if (flags.out === undefined) {
    const answer = await signIn();
    return flags.json ? printJson(process, answer) : print(process, visible(answer.access_token));
  }
  const { access_token: _, ...facts } = await deliverToFile(flags.out, {
    make: signIn,
    textOf: (made) => made.access_token,
  });
  if (flags.json) return printJson(process, { ...facts, file: flags.out });
  remark(
    process,
    visible(`The token of ${username} is in ${flags.out}. It expires in ${facts.expires_in} s.`),
  );
}

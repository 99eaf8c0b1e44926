// `gatehouse login NAME`: signs in and prints only the access token, so that a script can store it. Asks for
// a code if the user has a second factor. Sends the password to the control plane over HTTPS only.
import type { FactorRequired, SignedIn } from '../../connection/admin-api.ts';
import { withAnonymousTransport } from '../../connection/transport.ts';
import { CliError, exitStatus, usageError } from '../../exit-status.ts';
import { passwordSource, promptPassword, readSecretFile } from '../../input/secrets.ts';
import { deliverToFile } from '../../output/deliver.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import type { SignInFlags } from './sign-in.ts';

export interface LoginFlags extends SignInFlags {
  codeFile?: string;
  out?: string;
  passwordStdin?: boolean;
}

export async function login(this: CliContext, flags: LoginFlags, username?: string): Promise<void> {
  if (username === undefined) {
    if (flags.passwordStdin || flags.codeFile !== undefined || flags.out !== undefined)
      throw usageError('--password-stdin, --code-file and --out need the NAME of a user');
    return (await import('./sign-in.ts')).signIn(this, flags);
  }
  if ((flags.client ?? flags.device ?? flags.gateway) !== undefined)
    throw usageError('--client, --device and --gateway are for a sign-in with the browser: leave out NAME');
  const { process } = this;
  const readPassword = passwordSource(flags.passwordStdin === true, process, promptPassword);
  const readCode = codeSource(flags.codeFile, process);
  const signIn = () =>
    withAnonymousTransport(this, flags, async (transport) => {
      const credentials = { username, password: await readPassword() };
      try {
        return await transport.call<SignedIn>('POST', '/auth/login', credentials);
      } catch (error) {
        const token = mfaTokenIn(error);
        if (token === undefined) throw error;
        const proof = { mfa_token: token, code: await readCode() };
        return transport.call<SignedIn>('POST', '/auth/mfa', proof);
      }
    });
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

/** The token of an answer that requires the second factor. */
function mfaTokenIn(error: unknown): string | undefined {
  if (!(error instanceof CliError) || error.code !== 'mfa_required') return undefined;
  return (error.problem as FactorRequired).mfa_token;
}

/** Asks only when the server requires a code. */
function codeSource(file: string | undefined, process: CliProcess): () => Promise<string> {
  if (file !== undefined) return () => readSecretFile(file, process);
  if (process.stdin.isTTY && process.stderr.isTTY) return () => promptPassword(process, 'Code');
  return () => Promise.reject(new CliError(exitStatus.failed, NO_CODE, { code: 'mfa_required' }));
}

const NO_CODE = 'the user has a second factor: give --code-file with a file that has the code';

// The messages for failures of OAuth: what an administrator or the person can do.
import { ClientError } from '@gatehouse/client/errors';
import { refusalCode } from '@gatehouse/client/oauth';
import { CliError, exitStatus } from '../exit-status.ts';

/** Runs `act`. A refusal of the authorization server becomes a `CliError` with its code. */
export async function explained<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'auth') throw error;
    const code = refusalCode(error);
    const advice = ADVICE[code ?? ''] ?? "see the server's log";
    throw new CliError(exitStatus.failed, `${error.message}; ${advice}`, { code, cause: error });
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  access_denied: 'it was declined in the browser',
  expired_token: 'the code has expired: start again',
  invalid_grant: "sign in again with 'gatehouse login'",
  invalid_client: "check --client: 'gatehouse client list' on the server has its id",
  invalid_target:
    'the client was not registered with --scope gatehouse:admin; for the gateway give --gateway',
  invalid_scope: 'the client was not registered with --scope gatehouse:admin; for the gateway give --gateway',
};

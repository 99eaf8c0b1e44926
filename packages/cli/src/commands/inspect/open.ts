// The first connection of an inspection, and the messages if it fails: nothing listens, another protocol, a
// missing client certificate, or no answer in time.
import { CliError, exitStatus } from '../../exit-status.ts';
import { visible } from '../../output/print.ts';
import { type Handshake, type HandshakeOptions, shakeHands } from './handshake.ts';
import { otherProtocol } from './other-protocol.ts';
import { authorityOf, type Target } from './target.ts';

/** Rejects with `CliError`. */
export async function openFirst(target: Target, options: HandshakeOptions): Promise<Handshake> {
  try {
    return await shakeHands(target, { ...options, wait: true });
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw await explain(error as NodeJS.ErrnoException, target, options.timeoutSeconds);
  }
}

async function explain(
  { code = '', message }: NodeJS.ErrnoException,
  target: Target,
  seconds: number,
): Promise<CliError> {
  const authority = authorityOf(target);
  const reason = CONNECT_REASONS[code];
  if (reason !== undefined)
    return new CliError(exitStatus.connect, `cannot connect to ${authority}: ${reason}`);
  if (/_ALERT_.*CERTIFICATE/.test(code)) {
    const message = `${authority} requires a client certificate that it accepts: give one with --cert and --key`;
    return new CliError(exitStatus.clientIdentity, message);
  }
  // A server of another protocol may wait for the client to begin, and a slow server looks the same.
  const other = await otherProtocol(target, Math.min(seconds, PROBE_SECONDS));
  if (other !== undefined) return new CliError(exitStatus.connect, other);
  if (code === 'ETIMEDOUT') {
    return new CliError(
      exitStatus.timeout,
      `no handshake with ${authority} within ${seconds} s: check the address, or wait longer with --timeout`,
    );
  }
  const what =
    code === 'ECONNRESET'
      ? 'it closed the connection during the handshake'
      : `the TLS handshake failed (${code || visible(message)})`;
  return new CliError(
    exitStatus.connect,
    `cannot inspect ${authority}: ${what}; check that the port speaks TLS`,
  );
}

const PROBE_SECONDS = 2;

const CONNECT_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check the port, or start the server',
  ENOTFOUND: 'the name does not resolve; check its spelling',
  EAI_AGAIN: 'the name cannot be resolved now; check the network',
  EHOSTUNREACH: 'no network route leads to this address; check the network',
  ENETUNREACH: 'no network route leads to this address; check the network',
};

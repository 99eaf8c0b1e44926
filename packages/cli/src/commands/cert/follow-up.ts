// The command that runs after a renewal, so that a server reads the new files. It is split at spaces and runs
// without a shell, so nothing in it is expanded. Its output goes to standard error; its environment has the
// names of the files.
import { spawn } from 'node:child_process';
import { CliError, exitStatus, usageError } from '../../exit-status.ts';
import type { CliProcess } from '../../process.ts';
import type { PairPaths } from './pair.ts';

/**
 * Throws a usage error for an empty command, and for quotes and other characters that only a shell
 * understands.
 */
export function parseFollowUp(command: string): string[] {
  const words = command.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) throw usageError('--exec should be a command, such as: nginx -s reload');
  if (!/["'`$|&;<>]/.test(command)) return words;
  throw usageError(
    '--exec runs without a shell: write quotes, variables and pipes into a script, and name the script',
  );
}

/** Resolves when it has exited with 0. Otherwise throws `CliError`. The signal ends it. */
export async function runFollowUp(
  [program = '', ...args]: readonly string[],
  { certificate, key }: PairPaths,
  { process, signal }: { process: CliProcess; signal?: AbortSignal },
): Promise<void> {
  const child = spawn(program, args, {
    env: { ...process.env, RENEWED_CERTIFICATE: certificate, RENEWED_KEY: key },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  for (const output of [child.stdout, child.stderr]) output.pipe(process.stderr, { end: false });
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(startFailure(error)));
    child.once('close', (code, ended) => resolve(code === 0 ? undefined : `it ended with ${code ?? ended}`));
  });
  if (failure === undefined || signal?.aborted) return;
  throw new CliError(
    exitStatus.failed,
    `the certificate is renewed, but --exec ${program} failed: ${failure}`,
  );
}

function startFailure(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such program';
  return error.code === 'EACCES' ? 'this user may not run it' : error.message;
}

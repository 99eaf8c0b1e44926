// Asks before an act that the server refuses with `confirmation_required`. Without a terminal, the refusal
// stands: it names the option that confirms.
import { CliError, exitStatus } from '../exit-status.ts';
import { cell, remark } from '../output/print.ts';
import type { CliProcess } from '../process.ts';

/** The act, by its form without and with the confirmation. */
export type Confirmable<T> = (isConfirmed: boolean) => Promise<T>;

/**
 * Sends without the confirmation first, so that the server checks everything else before anyone is asked.
 * @example
 * await confirmed(process, 'Destroy the key?', (destroyKey) => transport.call('POST', path, { destroyKey }));
 */
export async function confirmed<T>(process: CliProcess, question: string, send: Confirmable<T>): Promise<T> {
  try {
    return await send(false);
  } catch (error) {
    const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
    if (!(error instanceof CliError) || error.code !== 'confirmation_required' || !isTerminal) throw error;
    remark(process, cell(error.message));
    await requireYes(process, question);
    return send(true);
  }
}

async function requireYes({ stdin: input, stderr: output }: CliProcess, message: string): Promise<void> {
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({ message, initialValue: false, input, output });
  if (answer !== true) throw new CliError(exitStatus.failed, 'cancelled: nothing was changed');
}

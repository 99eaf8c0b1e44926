// Asks before an act that the server refuses with `confirmation_required`.
import { CliError, exitStatus } from '../exit-status.ts';
import { cell, remark } from '../output/print.ts';
import type { CliProcess } from '../process.ts';

export interface Question {
  message: string;
  /** No one can answer then: the refusal stands, or it becomes a warning and the act goes on. */
  withoutTerminal: 'refuse' | 'warn';
}

/** The act, by its form without and with the confirmation. */
export type Confirmable<T> = (isConfirmed: boolean) => Promise<T>;

/**
 * Sends without the confirmation first, so that the server checks everything else before anyone is asked.
 * @example
 * const question = { message: 'Destroy the key?', withoutTerminal: 'refuse' };
 * await confirmed(process, question, (destroyKey) => transport.call('POST', path, { destroyKey }));
 */
export async function confirmed<T>(
  process: CliProcess,
  { message, withoutTerminal }: Question,
  send: Confirmable<T>,
): Promise<T> {
  try {
    return await send(false);
  } catch (error) {
    const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
    if (!(error instanceof CliError) || error.code !== 'confirmation_required') throw error;
    if (!isTerminal && withoutTerminal === 'refuse') throw error;
    remark(process, cell(error.message));
    if (isTerminal) await requireYes(process, message);
    return send(true);
  }
}

async function requireYes({ stdin: input, stderr: output }: CliProcess, message: string): Promise<void> {
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({ message, initialValue: false, input, output });
  if (answer !== true) throw new CliError(exitStatus.failed, 'cancelled: nothing was changed');
}

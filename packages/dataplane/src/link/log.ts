// The log of a data plane process: its lines go to the control plane, which writes them. Callers never pass
// secrets to it.
import type { Log } from '../log.ts';
import type { Batch } from './batch.ts';

/** The least important level that is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** One line of the log, as it travels over the link. */
export interface LogLine {
  level: Exclude<LogLevel, 'silent'>;
  message: string;
  /** Plain data. Under `err`, the error's type, message and stack. */
  fields: Record<string, unknown>;
}

type Write = (fields: { err?: unknown }, message: string) => void;

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** `level` is the least important level that counts now. An error goes under `err`. */
export function createLog(level: () => LogLevel, lines: Pick<Batch<LogLine>, 'add'>): Log {
  const writerFor = (of: LogLine['level']): Write => {
    const importance = LEVELS.indexOf(of);
    return (fields, message) => {
      if (importance >= LEVELS.indexOf(level())) lines.add({ level: of, message, fields: plain(fields) });
    };
  };
  return {
    debug: writerFor('debug'),
    info: writerFor('info'),
    warn: writerFor('warn'),
    error: writerFor('error'),
  };
}

function plain({ err, ...fields }: { err?: unknown }): Record<string, unknown> {
  return err === undefined ? fields : { ...fields, err: plainError(err) };
}

function plainError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name, message, stack } = error;
  const { code } = error as NodeJS.ErrnoException;
  return { type: name, message, stack, ...(code === undefined ? {} : { code }) };
}

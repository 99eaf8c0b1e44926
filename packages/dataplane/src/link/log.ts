// The log of a data plane process: it sends its lines to the control plane, which writes them. Callers never
// pass secrets to it.
import type { EventLevel, EventLog, LogEvent, LogFacts } from '@gatehouse/access';
import { LOG_EVENTS } from '@gatehouse/access';
import type { Batch } from './batch.ts';

/** The lowest level that is logged. */
export type LogLevel = EventLevel | 'silent';

/** One line of the log, in the form for the link. */
export interface LogLine {
  event: LogEvent;
  /** Plain data. Under `error`, the error's type, message and stack. */
  facts: Record<string, unknown>;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** `level` is the lowest level to log from now on. */
export function createLog(level: () => LogLevel, lines: Pick<Batch<LogLine>, 'add'>): EventLog {
  return {
    event<Event extends LogEvent>(event: Event, facts: LogFacts<Event> = {}) {
      if (LEVELS.indexOf(LOG_EVENTS[event].level) < LEVELS.indexOf(level())) return;
      lines.add({ event, facts: plain(facts) });
    },
  };
}

function plain({ error, ...facts }: { readonly [name: string]: unknown }): Record<string, unknown> {
  return error === undefined ? facts : { ...facts, error: plainError(error) };
}

function plainError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name, message, stack } = error;
  const { code } = error as NodeJS.ErrnoException;
  return { type: name, message, stack, ...(code === undefined ? {} : { code }) };
}

// The operational log: JSON lines on standard error (pino). The catalogue of events lists all its messages.
// Callers never pass secrets to it. The redaction is a second protection, for headers that are logged as a
// whole.
import type { EventLevel, EventLog, LogEvent, LogFacts } from '@gatehouse/access';
import { LOG_EVENTS } from '@gatehouse/access';
import { pino } from 'pino';
import { openLineWriter } from './line-writer.ts';

export type LogLevel = EventLevel | 'silent';

export interface Log extends EventLog {
  /** The least important level that is written. */
  level: LogLevel;
}

const REDACTED = ['*.authorization', '*["x-api-key"]', '*.cookie', '*.password', '*.token', '*.key'];

/** `destination`: an open descriptor, or what takes the lines. */
export function createLog(level: LogLevel, destination: number | { write(line: string): void } = 2): Log {
  const lines =
    typeof destination === 'number' ? openLineWriter(destination, { bufferBytes: 0 }) : destination;
  const writer = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
      serializers: { error: pino.stdSerializers.err },
      redact: REDACTED,
    },
    { write: (line: string) => lines.write(escaped(line)) },
  );
  return {
    get level() {
      return writer.level as LogLevel;
    },
    set level(next) {
      writer.level = next;
    },
    event<Event extends LogEvent>(event: Event, facts: LogFacts<Event> = {}) {
      const { level, message: usual } = LOG_EVENTS[event];
      const { message = usual, ...fields }: LogFacts<LogEvent> = facts;
      writer[level]({ event, ...fields }, message);
    },
  };
}

/** JSON does not escape these, but a terminal that shows the log would execute them (Unicode TR 36 §3). */
function escaped(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

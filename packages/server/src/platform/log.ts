// The operational log: JSON lines on standard error (pino). Callers never pass secrets to it. The redaction
// is a second protection, for headers that are logged as a whole.
import { pino } from 'pino';
import { openLineWriter } from './line-writer.ts';

export type Log = import('pino').Logger;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export function createLog(level: LogLevel, fileDescriptor = 2): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['*.authorization', '*["x-api-key"]', '*.cookie', '*.password', '*.token', '*.key'],
    },
    openLineWriter(fileDescriptor, { bufferBytes: 0 }),
  );
}

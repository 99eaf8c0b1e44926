// The operational log, written to a pipe of memory instead of standard error: what was logged can be looked at.
import { pino } from 'pino';
import type { Log } from '../../src/platform/log.ts';

export interface MemoryLog {
  log: Log;
  lines(): Record<string, unknown>[];
}

export function createMemoryLog(): MemoryLog {
  const written: string[] = [];
  const log = pino({ level: 'debug', base: null }, { write: (line: string) => void written.push(line) });
  return { log, lines: () => written.map((line) => JSON.parse(line)) };
}

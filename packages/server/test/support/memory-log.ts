// The operational log in memory instead of standard error, so that tests can read it.
import type { Log } from '../../src/platform/log/log.ts';
import { createLog } from '../../src/platform/log/log.ts';

export interface MemoryLog {
  log: Log;
  lines(): Record<string, unknown>[];
}

export function createMemoryLog(): MemoryLog {
  const written: string[] = [];
  const log = createLog('debug', { write: (line) => void written.push(line) });
  return { log, lines: () => written.map((line) => JSON.parse(line)) };
}

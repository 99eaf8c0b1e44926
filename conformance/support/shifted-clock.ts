// A clock for one server, which a test sets.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface ShiftedClock {
  /** For the process with this clock. */
  environment: NodeJS.ProcessEnv;
  /** Sets the clock this many seconds ahead of the machine's. */
  set(seconds: number): void;
}

/** Stores the difference in `file`. */
export function shiftedClock(file: string, seconds: number): ShiftedClock {
  const module = pathToFileURL(join(import.meta.dirname, 'shifted-clock.mjs')).href;
  const clock: ShiftedClock = {
    environment: { NODE_OPTIONS: `--import ${module}`, CLOCK_SHIFT_FILE: file },
    set(shift) {
      writeFileSync(`${file}.new`, String(shift));
      renameSync(`${file}.new`, file);
    },
  };
  clock.set(seconds);
  return clock;
}

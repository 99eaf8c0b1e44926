// The runs of the clock: times in which it only went forward. After it was set back, values that an earlier
// run has claimed become valid again. The process of that run may have ended, and its claims are lost. So the
// runs are stored: each claim waits until the store has the current time.
import type { Clock } from '@gatehouse/access';
import type { ClockRun, ClockRunRows } from './clock-run-rows.ts';

export interface ClockRuns {
  /** How often the clock was set back since the start. */
  readonly current: number;
  /** The runs before the start that are ahead of the clock. */
  readonly ahead: readonly ClockRun[];
  /** Notices when the clock was set back. */
  observe(now: number): void;
  /** Resolves when the store has the current time as part of a run. */
  reach(now: number): Promise<void>;
}

export interface ClockRunsDeps {
  clock: Clock;
  rows: ClockRunRows;
  /** Resolves after so many milliseconds. */
  wait(ms: number): Promise<unknown>;
}

/** A run is stored with an end that is ahead by so much, so that one write is enough for this time. */
const STEP_MS = 1000;
/**
 * If the clock jumps further forward, another run begins. Otherwise the times between would belong to the
 * run.
 */
const JUMP_MS = 600_000;

/**
 * Continues the last run if the clock has passed its end. If the end is near, as after a kill, waits for it.
 * @example
 * const runs = await openClockRuns({ clock, rows, wait: setTimeout });
 * await runs.reach(clock.now());
 */
export async function openClockRuns({ clock, rows, wait }: ClockRunsDeps): Promise<ClockRuns> {
  const known = await rows.load();
  const begun = clock.now();
  const last = known
    .filter(({ from, until }) => from <= begun && until <= begun + STEP_MS)
    .reduce<ClockRun>((latest, run) => (run.until > latest.until ? run : latest), NEVER);
  if (last.until > begun) await wait(last.until - begun);
  let highest = clock.now();
  let run = highest - last.until < JUMP_MS ? { ...last } : beginning(highest);
  let current = 0;
  let extension: Promise<void> | undefined;

  function observe(now: number): void {
    const isSetBack = now < highest - STEP_MS;
    if (isSetBack) current += 1;
    if (isSetBack || now > Math.max(highest, run.until) + JUMP_MS) run = beginning(now);
    highest = isSetBack ? now : Math.max(highest, now);
  }

  async function extend(target: ClockRun, until: number): Promise<void> {
    await rows.put({ from: target.from, until });
    target.until = until;
  }

  return {
    get current() {
      return current;
    },
    ahead: known.filter(({ until }) => until > highest),
    observe,
    async reach(now) {
      observe(now);
      const target = run;
      while (now >= target.until) {
        extension ??= extend(target, now + STEP_MS).finally(() => {
          extension = undefined;
        });
        await extension;
      }
    },
  };
}

const NEVER: ClockRun = { from: 0, until: Number.NEGATIVE_INFINITY };

function beginning(now: number): ClockRun {
  return { from: now, until: now };
}

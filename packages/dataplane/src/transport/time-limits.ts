// Time limits for handshakes and for connecting, exact to a quarter of a second. One timer is enough for all
// of them. It runs only while something waits.
export interface Limited {
  /** Called once, after its time. The limit is already removed then. */
  expire(): void;
}

export interface TimeLimits {
  set(limited: Limited, seconds: number): void;
  /** Does nothing if there is no limit. */
  lift(limited: Limited): void;
}

const TICK_MS = 250;

export function createTimeLimits(): TimeLimits {
  const deadlines = new Map<Limited, number>();
  let timer: NodeJS.Timeout | undefined;

  function tick(): void {
    const now = performance.now();
    for (const [limited, deadline] of deadlines) {
      if (deadline > now) continue;
      deadlines.delete(limited);
      limited.expire();
    }
    if (deadlines.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    set(limited, seconds) {
      deadlines.set(limited, performance.now() + seconds * 1000);
      timer ??= setInterval(tick, TICK_MS);
    },
    lift: (limited) => void deadlines.delete(limited),
  };
}

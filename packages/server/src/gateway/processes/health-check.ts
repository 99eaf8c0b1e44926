// Asks a process every three seconds whether it still runs. Counts unanswered questions, not time. Otherwise
// the server would replace healthy processes after a pause of the whole machine.

export interface HealthCheck {
  answered(id: number): void;
  stop(): void;
}

export interface HealthCheckDeps {
  ping(id: number): void;
  /** Called when the process has left too many questions unanswered. */
  silent(): void;
}

const INTERVAL_MS = 3000;
const MAX_UNANSWERED = 5;

export function createHealthCheck({ ping, silent }: HealthCheckDeps): HealthCheck {
  let asked = 0;
  let answered = 0;
  const timer = setInterval(() => {
    if (asked - answered >= MAX_UNANSWERED) {
      clearInterval(timer);
      silent();
      return;
    }
    asked += 1;
    ping(asked);
  }, INTERVAL_MS);
  timer.unref();
  return {
    answered(id) {
      answered = id;
    },
    stop: () => clearInterval(timer),
  };
}

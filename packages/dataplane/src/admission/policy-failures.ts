// Logs policies that could not be evaluated. Each is logged at most once a minute, because every request may
// cause the failure.
import type { Clock, EventLog, PolicyError } from '@gatehouse/access';

const INTERVAL_MS = 60_000;

/** Returns a function that takes the failures of a request. */
export function createPolicyFailures(
  log: Pick<EventLog, 'event'>,
  clock: Pick<Clock, 'now'>,
): (errors: readonly PolicyError[]) => void {
  /** When each policy was logged. */
  const logged = new Map<string, number>();
  return (errors) => {
    const now = clock.now();
    for (const { policy, message } of errors) {
      const age = now - (logged.get(policy) ?? Number.NEGATIVE_INFINITY);
      // Negative when the clock was set back.
      if (age >= 0 && age < INTERVAL_MS) continue;
      logged.set(policy, now);
      log.event('gateway.policy_failed', { policy, reason: message });
    }
  };
}

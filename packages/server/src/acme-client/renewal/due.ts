// Finds out what a certificate of the settings is waiting for.
import type { OrderSettings } from '../settings.ts';
import type { KnownOrder } from '../store/certificate-store.ts';

type Waiting = Pick<KnownOrder, 'certificateChain' | 'renewAt' | 'retryAt' | 'waitUntil'>;

// A longer wait means that the clock was ahead.
const LONGEST_WAIT_MS = 8 * 86_400_000;

/** When the next attempt is due, in milliseconds since the epoch. */
export function dueTime({ certificateChain, renewAt = 0, retryAt = 0, waitUntil = 0 }: Waiting): number {
  return Math.max(certificateChain === undefined ? 0 : renewAt, retryAt, waitUntil);
}

export function isDue(order: Waiting, now: number): boolean {
  const wait = Math.max(order.retryAt ?? 0, order.waitUntil ?? 0);
  if (wait > now + LONGEST_WAIT_MS) return true;
  return now >= dueTime(order);
}

/**
 * Identifies a certificate. Another directory, another profile or other names make it another certificate.
 */
export function identityOf({ directory, profile, names }: OrderSettings): readonly unknown[] {
  return [directory, profile ?? null, names.toSorted()];
}

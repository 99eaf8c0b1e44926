// The slowest allowed rate of a request body. Time in which the upstream does not read does not count.
import type { Wheel } from './wheel.ts';
import { Timer } from './wheel.ts';

export interface BodyRateLimits {
  minBytesPerSecond: number;
  /** How long the body may stop or be slower than the rate. */
  graceSeconds: number;
}

const MAX_CHECK_INTERVAL_MS = 1000;

export class BodyRate {
  readonly #wheel: Wheel;
  readonly #limits: BodyRateLimits;
  readonly #tooSlow: () => void;
  readonly #intervalMs: number;
  readonly #timer = new Timer(() => this.#check());
  #patienceSeconds: number;
  #bytes = 0;
  #checkedAt: number;
  /** Whether the body waits for the upstream. */
  isHeldUp = false;

  constructor(wheel: Wheel, limits: BodyRateLimits, tooSlow: () => void) {
    this.#wheel = wheel;
    this.#limits = limits;
    this.#tooSlow = tooSlow;
    this.#patienceSeconds = limits.graceSeconds;
    this.#intervalMs = Math.min(MAX_CHECK_INTERVAL_MS, (limits.graceSeconds * 1000) / 4);
    this.#checkedAt = wheel.now;
    wheel.set(this.#timer, this.#intervalMs);
  }

  passed(bytes: number): void {
    this.#bytes += bytes;
  }

  stop(): void {
    this.#wheel.clear(this.#timer);
  }

  #check(): void {
    const { now } = this.#wheel;
    const elapsed = this.isHeldUp ? 0 : (now - this.#checkedAt) / 1000;
    const earned = this.#bytes / this.#limits.minBytesPerSecond;
    this.#bytes = 0;
    this.#checkedAt = now;
    // At most the grace period: otherwise a client could send fast at first, and then stop for hours.
    this.#patienceSeconds = Math.min(this.#limits.graceSeconds, this.#patienceSeconds + earned - elapsed);
    if (this.#patienceSeconds <= 0) this.#tooSlow();
    else this.#wheel.set(this.#timer, this.#intervalMs);
  }
}

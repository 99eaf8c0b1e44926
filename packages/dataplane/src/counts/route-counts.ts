// The counts of one route: plain numbers in fixed places, so that counting a request allocates nothing.

/**
 * The decisions about a request, in the order of the counts.
 * @example
 * report.requests[DECISIONS.indexOf('denied')];
 */
export const DECISIONS = ['allowed', 'denied', 'refused'] as const;

/**
 * The upper bounds of the buckets, in milliseconds. The last bucket has all longer durations.
 * @example
 * const seconds = DURATION_BOUNDS_MS.map((ms) => ms / 1000);
 */
export const DURATION_BOUNDS_MS: readonly number[] = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
];

/** How many durations fell into each bucket, and their sum. */
export interface DurationCounts {
  buckets: readonly number[];
  sumMs: number;
}

/** The counts of a route since the last report. */
export interface RouteReport {
  /** The id of a configured route; null for requests that matched none, or that could not be read. */
  route: string | null;
  /** For each decision, the answers by the first digit of their status: 1xx to 5xx. */
  requests: readonly (readonly number[])[];
  /** For each decision, from the first octet of the request to the end of the answer. Without tunnels. */
  durations: readonly DurationCounts[];
  /** From sending the request to the head of the upstream's answer. */
  upstreamDurations: DurationCounts;
  upstreamFailures: number;
  upstreamTimeouts: number;
  bytesIn: number;
  bytesOut: number;
}

const STATUS_CLASSES = 5;

export class RouteCounts {
  readonly #requests = new Float64Array(DECISIONS.length * STATUS_CLASSES);
  readonly #durations = DECISIONS.map(() => new Durations());
  readonly #upstreamDurations = new Durations();
  #bytesIn = 0;
  #bytesOut = 0;
  upstreamFailures = 0;
  upstreamTimeouts = 0;

  answered(decision: (typeof DECISIONS)[number], status: number): void {
    const place = indexOf(decision) * STATUS_CLASSES + Math.trunc(status / 100) - 1;
    this.#requests[place] = (this.#requests[place] as number) + 1;
  }

  took(decision: (typeof DECISIONS)[number], durationMs: number): void {
    (this.#durations[indexOf(decision)] as Durations).add(durationMs);
  }

  upstreamTook(durationMs: number): void {
    this.#upstreamDurations.add(durationMs);
  }

  passed(bytesIn: number, bytesOut: number): void {
    this.#bytesIn += bytesIn;
    this.#bytesOut += bytesOut;
  }

  report(route: string | null): RouteReport {
    return {
      route,
      requests: DECISIONS.map((_, index) => [
        ...this.#requests.subarray(index * STATUS_CLASSES, (index + 1) * STATUS_CLASSES),
      ]),
      durations: this.#durations.map((durations) => durations.report()),
      upstreamDurations: this.#upstreamDurations.report(),
      upstreamFailures: this.upstreamFailures,
      upstreamTimeouts: this.upstreamTimeouts,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
    };
  }
}

class Durations {
  readonly #buckets = new Float64Array(DURATION_BOUNDS_MS.length + 1);
  #sumMs = 0;

  add(durationMs: number): void {
    let place = 0;
    // Nearly every request falls into one of the first buckets.
    while (place < DURATION_BOUNDS_MS.length && durationMs > (DURATION_BOUNDS_MS[place] as number))
      place += 1;
    this.#buckets[place] = (this.#buckets[place] as number) + 1;
    this.#sumMs += durationMs;
  }

  report(): DurationCounts {
    return { buckets: [...this.#buckets], sumMs: this.#sumMs };
  }
}

function indexOf(decision: (typeof DECISIONS)[number]): number {
  if (decision === 'allowed') return 0;
  return decision === 'denied' ? 1 : 2;
}

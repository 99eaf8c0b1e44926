// Counts the reasons that servers gave for failed work.
export interface Reasons {
  reasons: Map<string, number>;
  failed(reason: string): void;
  /** How many failed. */
  count(): number;
}

/** `total` counts them all. */
export function createReasons(total = new Map<string, number>()): Reasons {
  let count = 0;
  return {
    reasons: total,
    failed(reason) {
      count += 1;
      total.set(reason, (total.get(reason) ?? 0) + 1);
    },
    count: () => count,
  };
}

const MOST_REASONS = 3;

/** A paragraph with the most frequent reasons; none if nothing failed. */
export function reasonLines(name: string, reasons: ReadonlyMap<string, number>): string[] {
  if (reasons.size === 0) return [];
  const frequent = [...reasons].sort(([, a], [, b]) => b - a).slice(0, MOST_REASONS);
  return [`${name} failed: ${frequent.map(([reason, count]) => `${count} × ${reason}`).join('; ')}`];
}

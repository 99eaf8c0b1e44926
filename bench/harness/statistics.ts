// Summaries of a few numbers: the median, the least and the most.

export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** Throws a TypeError without numbers. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const least = sorted[0];
  const most = sorted.at(-1);
  if (least === undefined || most === undefined) throw new TypeError('there is no median of nothing');
  const middle = (sorted.length - 1) / 2;
  const below = sorted[Math.floor(middle)] ?? least;
  const above = sorted[Math.ceil(middle)] ?? most;
  return { median: (below + above) / 2, least, most };
}

/** The spread of the ratios of pairs from the same round. */
export function spreadOfRatios(numerators: readonly number[], denominators: readonly number[]): Spread {
  return spreadOf(numerators.map((numerator, round) => numerator / (denominators[round] ?? Number.NaN)));
}

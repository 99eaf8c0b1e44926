// The measurements of a part of the server, as data. The page /metrics has all of them. A metric is read when
// the page is read. Before that, the server only counts events.

/** A metric of Prometheus. Its names and labels come from this code, never from a client. */
export interface Metric {
  /** With its unit: `gatehouse_store_size_bytes`. A counter ends in `_total`. */
  name: string;
  /** For people: one line. */
  help: string;
  kind: 'counter' | 'gauge' | 'histogram';
  read(): readonly Sample[] | Promise<readonly Sample[]>;
}

/** A value with its labels. A sample of a histogram has `buckets` as well. */
export interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
  buckets?: Buckets;
}

/** The distribution of the observed values. `value` of its sample is the sum. */
export interface Buckets {
  bounds: readonly number[];
  /** One more than the bounds. The last one has the values above all bounds. */
  counts: readonly number[];
}

/** A metric with one value and no labels. */
export function single(row: Omit<Metric, 'read'> & { value(): number | Promise<number> }): Metric {
  const { value, ...metric } = row;
  return { ...metric, read: async () => [{ value: await value() }] };
}

/** Counts observations into buckets. */
export interface Histogram {
  observe(value: number): void;
  sample(labels?: Sample['labels']): Sample;
}

export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    observe(value) {
      const found = bounds.findIndex((bound) => value <= bound);
      const place = found < 0 ? bounds.length : found;
      counts[place] = (counts[place] as number) + 1;
      sum += value;
    },
    sample: (labels) => ({ ...(labels && { labels }), value: sum, buckets: { bounds, counts } }),
  };
}

/** Adds up numbers by their labels. */
export interface LabelledSums {
  add(labels: Readonly<Record<string, string>>, value: number): void;
  /** Forgets the sums whose labels do not fit. */
  forgetUnless(fits: (labels: Readonly<Record<string, string>>) => boolean): void;
  samples(): Sample[];
}

export function createLabelledSums(): LabelledSums {
  const sums = new Map<string, Sample & { labels: Readonly<Record<string, string>> }>();
  return {
    add(labels, value) {
      const key = JSON.stringify(labels);
      const known = sums.get(key);
      if (known) known.value += value;
      else sums.set(key, { labels, value });
    },
    forgetUnless(fits) {
      for (const [key, { labels }] of sums) if (!fits(labels)) sums.delete(key);
    },
    samples: () => [...sums.values()],
  };
}

// A strict reader of the text format of Prometheus (version 0.0.4): it refuses text that Prometheus only
// tolerates.

export interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  samples: Series[];
}

export interface Series {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const NUMBER = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=.)|$)/y;
const ESCAPES: Record<string, string> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/** Throws an Error that names the line. */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: Family | undefined;
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '') continue;
    if (line.startsWith('# HELP ')) current = begin(line, families);
    else if (line.startsWith('# TYPE ')) setType(line, current);
    else addSample(line, { current, seen });
  }
  for (const family of families.values()) if (family.type === 'histogram') requireHistogram(family);
  return families;
}

/** The value of the series with exactly these labels; undefined if there is none. */
export function valueAt(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const wanted = keyOf({ name, labels });
  return [...families.values()].flatMap(({ samples }) => samples).find((one) => keyOf(one) === wanted)?.value;
}

function begin(line: string, families: Map<string, Family>): Family {
  const [, name = '', help = ''] = /^# HELP (\S+) (.+)$/.exec(line) ?? [];
  if (!NAME.test(name) || families.has(name)) throw new Error(`a second or strange family: ${line}`);
  const family: Family = { name, help, type: 'gauge', samples: [] };
  families.set(name, family);
  return family;
}

function setType(line: string, family: Family | undefined): void {
  const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line) ?? [];
  if (!family || family.name !== name || family.samples.length > 0) throw new Error(`out of place: ${line}`);
  family.type = type as Family['type'];
}

function addSample(
  line: string,
  { current, seen }: { current: Family | undefined; seen: Set<string> },
): void {
  const [, name = '', labelText, value = ''] = SAMPLE.exec(line) ?? [];
  if (!current || !belongs(name, current)) throw new Error(`out of place: ${line}`);
  if (!NUMBER.test(value)) throw new Error(`not a number: ${line}`);
  const series = { name, labels: readLabels(labelText ?? '', line), value: numberOf(value) };
  if (seen.has(keyOf(series))) throw new Error(`a second time: ${line}`);
  seen.add(keyOf(series));
  if (current.type === 'counter' && !(series.value >= 0)) throw new Error(`a counter below 0: ${line}`);
  current.samples.push(series);
}

function belongs(name: string, { name: family, type }: Family): boolean {
  if (type === 'histogram') return [`${family}_bucket`, `${family}_sum`, `${family}_count`].includes(name);
  return name === family || (type === 'summary' && [`${family}_sum`, `${family}_count`].includes(name));
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    if (name === '' || name in labels) throw new Error(`strange labels: ${line}`);
    labels[name] = value.replaceAll(/\\[\\"n]/g, (found) => ESCAPES[found] as string);
  }
  return labels;
}

function numberOf(text: string): number {
  return text.endsWith('Inf') ? Number(text.replace('Inf', 'Infinity')) : Number(text);
}

function keyOf({ name, labels }: Pick<Series, 'name' | 'labels'>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Buckets rise to +Inf, which is the count. */
function requireHistogram({ name, samples }: Family): void {
  const groups = Map.groupBy(samples, ({ labels: { le, ...labels } }) => keyOf({ name, labels }));
  for (const [group, series] of groups) {
    const buckets = series.filter(({ labels }) => labels.le !== undefined);
    const bounds = buckets.map(({ labels }) => numberOf(labels.le ?? ''));
    const rise = (values: readonly number[], least: number) =>
      values.every((value, index) => index === 0 || value - (values[index - 1] as number) >= least);
    const count = series.find((one) => one.name === `${name}_count`)?.value;
    const isWhole = series.length === buckets.length + 2 && buckets.at(-1)?.value === count;
    const isOrdered =
      rise(bounds, Number.MIN_VALUE) &&
      rise(
        buckets.map(({ value }) => value),
        0,
      );
    if (!isWhole || !isOrdered || bounds.at(-1) !== Infinity) throw new Error(`not a histogram: ${group}`);
  }
}

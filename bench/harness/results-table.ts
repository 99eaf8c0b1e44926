// The measured rows as a Markdown table.
import type { Sample } from './rounds.ts';
import type { Spread } from './statistics.ts';
import { spreadOf, spreadOfRatios } from './statistics.ts';

export interface MeasuredRow {
  name: string;
  /** One for each round. */
  samples: readonly Sample[];
}

/** Cells as a Markdown table: the first column has names, the others numbers. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, headings.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

export interface Wording {
  /** The counted unit, in the plural: `requests`. */
  unit: string;
  /** Whether failures are a part of the result: failed work does not count, and the row stays valid. */
  mayFail?: boolean;
}

/** Medians over the rounds, with least and most; ratios are to the first row, round by round. */
export function resultsTable(rows: readonly MeasuredRow[], { unit, mayFail = false }: Wording): string {
  const [reference] = rows;
  const lines = rows.map(({ name, samples }) => [
    name,
    withRange(spreadOf(workOf(samples)), count),
    reference?.samples === samples
      ? '1'
      : withRange(spreadOfRatios(workOf(reference?.samples ?? []), workOf(samples)), ratio),
    count(medianOf(samples, 'requestsPerSecond')),
    milliseconds(medianOf(samples, 'p50Ms')),
    milliseconds(medianOf(samples, 'p99Ms')),
    count(medianOf(samples, 'residentBytes') / 1e6),
    errorsOf(samples) === 0 ? '0' : `**${count(errorsOf(samples))}${mayFail ? '' : ': row not valid'}**`,
  ]);
  return markdownTable(headings(unit), lines);
}

export function errorsOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { errors }) => sum + errors, 0);
}

function headings(unit: string): string[] {
  const work = `${unit} per CPU-second`;
  return ['contender', work, 'Gatehouse ÷ contender', `${unit}/s`, 'p50 ms', 'p99 ms', 'memory MB', 'errors'];
}

function workOf(samples: readonly Sample[]): number[] {
  return samples.map((sample) => sample.requestsPerCpuSecond);
}

function medianOf(samples: readonly Sample[], field: keyof Sample): number {
  return spreadOf(samples.map((sample) => sample[field])).median;
}

export function withRange({ median, least, most }: Spread, write: (value: number) => string): string {
  return `${write(median)} (${write(least)}–${write(most)})`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function ratio(value: number): string {
  return value.toFixed(2);
}

function milliseconds(value: number): string {
  return value.toFixed(1);
}

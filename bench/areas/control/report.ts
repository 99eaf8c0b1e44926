// The results of the area `control` as Markdown tables: one line for each number of principals and each
// change, with a column for each build.
import { markdownTable, withRange } from '../../harness/results-table.ts';
import { spreadOf, spreadOfRatios } from '../../harness/statistics.ts';
import type { Change, Costs } from './changes.ts';
import { CHANGES } from './changes.ts';

export interface Start {
  seconds: number;
  cpuSeconds: number;
  /** Some seconds after it was ready, without requests. */
  restingBytes: number;
}

/** The cost of one build with one number of principals. One sample for each round. */
export interface Measurement {
  build: string;
  principals: number;
  starts: Start[];
  costs: Costs[];
  /** After all changes. */
  bytesAfterChanges: number;
}

/** Two tables: the cost of a change, and the cost of a start. */
export function controlTables(measurements: readonly Measurement[]): string[] {
  const sizes = [...new Set(measurements.map(({ principals }) => principals))];
  const builds = [...new Set(measurements.map(({ build }) => build))];
  const of = (principals: number) => measurements.filter((each) => each.principals === principals);
  return [
    markdownTable(
      [
        'users and keys, each',
        'change',
        ...columns(builds, 'CPU ms'),
        ...columns(builds, 'ms until the answer'),
      ],
      sizes.flatMap((size) => changeRows(of(size))),
    ),
    markdownTable(
      [
        'users and keys, each',
        ...['start s', 'CPU s of the start', 'MB at rest', 'MB after the changes'].flatMap((what) =>
          columns(builds, what),
        ),
      ],
      sizes.map((size) => startRow(of(size))),
    ),
  ];
}

function columns(builds: readonly string[], what: string): string[] {
  const each = builds.map((build) => (builds.length > 1 ? `${what}, ${build}` : what));
  return builds.length > 1 && what === 'CPU ms' ? [...each, 'ratio'] : each;
}

function changeRows(measurements: readonly Measurement[]): string[][] {
  return CHANGES.map((change) => changeRow(measurements, change));
}

function changeRow(measurements: readonly Measurement[], change: Change): string[] {
  const costs = measurements.map((each) => each.costs.flatMap((round) => round[change] ?? []));
  const cpu = costs.map((rounds) => rounds.map(({ cpuMs }) => cpuMs));
  const answers = costs.map((rounds) => rounds.map(({ answerMs }) => answerMs));
  const [first, second] = cpu;
  return [
    principalsOf(measurements),
    change,
    ...cpu.map(cell),
    ...(second ? [first?.length ? spreadOfRatios(second, first).median.toFixed(3) : NOT_THERE] : []),
    ...answers.map(cell),
  ];
}

/** For a change that the build does not have. */
const NOT_THERE = '–';

function cell(values: readonly number[]): string {
  return values.length === 0 ? NOT_THERE : withRange(spreadOf(values), tenths);
}

function startRow(measurements: readonly Measurement[]): string[] {
  const spread = (value: (start: Start) => number) =>
    measurements.map(({ starts }) => withRange(spreadOf(starts.map(value)), hundredths));
  return [
    principalsOf(measurements),
    ...spread(({ seconds }) => seconds),
    ...spread(({ cpuSeconds }) => cpuSeconds),
    ...measurements.map(({ starts }) => megabytes(spreadOf(starts.map((each) => each.restingBytes)).median)),
    ...measurements.map(({ bytesAfterChanges }) => megabytes(bytesAfterChanges)),
  ];
}

function principalsOf([first]: readonly Measurement[]): string {
  return (first?.principals ?? 0).toLocaleString('en');
}

function tenths(value: number): string {
  return value.toFixed(1);
}

function hundredths(value: number): string {
  return value.toFixed(2);
}

function megabytes(bytes: number): string {
  return Math.round(bytes / 1e6).toLocaleString('en');
}

// `--trace`: how long each step of a request took, as a waterfall on standard error.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { OnStep } from '@gatehouse/client/request';
import { remark } from '../../output/print.ts';
import type { Screen } from '../../output/screen.ts';
import type { CliProcess } from '../../process.ts';

/** The times of one request. */
export interface Trace {
  onStep: OnStep;
  /** The header of the answer has arrived. */
  answered(): void;
  /** The body is complete: draws. */
  finish(process: CliProcess, screen: Screen): void;
}

type Mark = Parameters<OnStep>[0] | 'start' | 'sending' | 'sent' | 'answered' | 'end';

/** `now`: milliseconds of a clock that never goes back. */
export function startTrace(now: () => number = () => performance.now()): Trace {
  const marks: Partial<Record<Mark, number>> = { start: now() };
  const mark = (name: Mark) => {
    marks[name] = now();
  };
  // With a retry, the last try counts.
  const sending = () => mark('sending');
  const sent = () => mark('sent');
  subscribe('undici:client:sendHeaders', sending);
  subscribe('undici:request:bodySent', sent);
  return {
    onStep: mark,
    answered: () => mark('answered'),
    finish(process, screen) {
      mark('end');
      unsubscribe('undici:client:sendHeaders', sending);
      unsubscribe('undici:request:bodySent', sent);
      const lines = draw(phasesOf(marks), screen, process.stderr.columns || screen.columns);
      for (const line of lines) remark(process, line);
    },
  };
}

/** A step, from and to, in milliseconds since the start. */
export interface PhaseTime {
  name: string;
  from: number;
  to: number;
}

/** Leaves out steps without a mark, such as TLS for plain HTTP. */
export function phasesOf(marks: Partial<Record<Mark, number>>): PhaseTime[] {
  const { start = 0 } = marks;
  let last = start;
  return STEPS.flatMap(([name, until]) => {
    const to = marks[until];
    if (to === undefined || to < last) return [];
    const phase = { name, from: last - start, to: to - start };
    last = to;
    return [phase];
  });
}

const STEPS: readonly (readonly [name: string, until: Mark])[] = [
  ['dns', 'lookup'],
  ['connect', 'connect'],
  ['tls', 'secure'],
  ['send', 'sent'],
  ['wait', 'answered'],
  ['receive', 'end'],
];

const LABEL = 9;
const NUMBER = 10;
/** Without a terminal. */
const WIDTH = 80;
/** Wider bars are not more precise. */
const WIDEST = 120;

/** Narrower bars show nothing. */
const LEAST_ROOM = 8;

/**
 * Lines with the name, the time and a bar at its place. `columns` may be fewer than those of the screen,
 * which has at least those of a list: a bar that continues on the next line is at no place.
 */
export function draw(
  phases: readonly PhaseTime[],
  { paint }: Pick<Screen, 'paint'>,
  columns = WIDTH,
): string[] {
  const total = phases.at(-1)?.to ?? 0;
  const room = Math.max(Math.min(columns, WIDEST) - LABEL - NUMBER - 4, LEAST_ROOM);
  const column = (time: number) => (total === 0 ? 0 : Math.round((time / total) * room));
  const lines = phases.map(({ name, from, to }) => {
    const bar = '█'.repeat(Math.max(column(to) - column(from), 0)) || '▏';
    const number = `${(to - from).toFixed(1)} ms`.padStart(NUMBER);
    return `${name.padEnd(LABEL)}${number}  ${' '.repeat(column(from))}${paint('cyan', bar)}`;
  });
  return [...lines, `${'total'.padEnd(LABEL)}${`${total.toFixed(1)} ms`.padStart(NUMBER)}`];
}

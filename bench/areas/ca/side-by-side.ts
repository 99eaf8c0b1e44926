// Measures contenders in one run, and writes the report.
import type { Contender } from '../../harness/contender.ts';
import { errorsOf, resultsTable } from '../../harness/results-table.ts';
import type { Subject } from '../../harness/rounds.ts';
import { measureRounds } from '../../harness/rounds.ts';
import type { Outcome, Scene } from '../../harness/scene.ts';
import { missingLines, occasion } from '../../harness/scene.ts';
import { reasonLines } from './reasons.ts';

/** A contender that counts the reasons of failures. */
export interface ReasonedSubject extends Subject {
  reasons: Map<string, number>;
}

export interface Comparison<C> {
  /** Installed or not. */
  known: readonly C[];
  unit: string;
  warmUpSeconds?: number;
  /** How to read the figures. */
  conditions: string;
  start(contender: C): Promise<ReasonedSubject>;
}

export async function sideBySide<C extends Pick<Contender, 'name' | 'version' | 'install'>>(
  scene: Scene,
  { known, conditions, start, ...rounds }: Comparison<C>,
): Promise<Outcome> {
  const contenders = known.filter(({ version }) => version() !== undefined);
  const subjects: ReasonedSubject[] = [];
  for (const contender of contenders) subjects.push(await start(contender));
  const samples = await measureRounds(subjects, { ...scene, ...rounds, say: console.log });
  const rows = [...samples].map(([{ name }, own]) => ({ name, samples: own }));
  return {
    paragraphs: [
      occasion(contenders),
      conditions,
      resultsTable(rows, { unit: rounds.unit }),
      ...subjects.flatMap(({ name, reasons }) => reasonLines(name, reasons)),
      ...missingLines(known),
    ],
    isSound: rows.every((row) => errorsOf(row.samples) === 0),
  };
}

// The output of a pki command that has written its files: a sentence for people, or one JSON document.
import { printJson, remark, visible } from '../../output/print.ts';
import type { CliProcess } from '../../process.ts';

export interface Outcome {
  /** For programs, with --json. */
  facts: object;
  /** For people. */
  sentence: string;
}

export function report(process: CliProcess, { json }: { json?: boolean }, outcome: Outcome): void {
  if (json) printJson(process, outcome.facts);
  else remark(process, visible(outcome.sentence));
}

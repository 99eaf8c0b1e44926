// Lists of mistakes in text files: each is a command line, and below it what it gets, indented.
import { readFileSync } from 'node:fs';

export interface Mistake {
  commandLine: string;
  answer: string;
}

/** The list in a file of this folder. */
export function readMistakes(name: string): Mistake[] {
  const text = readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^(\S.*)\n {2}(.+)$/gm)].map(([, commandLine = '', answer = '']) => ({
    commandLine,
    answer,
  }));
}

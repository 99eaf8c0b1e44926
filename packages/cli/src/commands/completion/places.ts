// The command line for a shell: the words so far lead to a place, and each place has commands, options and a
// kind of arguments.
import {
  COMMON_OPTIONS,
  type CommandFacts,
  type GroupFacts,
  type OptionFacts,
  VERSION_OPTION,
} from '../../command-facts.ts';

/** What a shell can offer as a value. `text`: nothing, because it can be any text. */
export type Expected = 'file' | 'folder' | 'text';

export interface Place {
  /** `gatehouse user add`. */
  path: string;
  /** Empty for a command. */
  commands: readonly (readonly [name: string, brief: string])[];
  options: readonly OptionFacts[];
  arguments: Expected;
}

/** The place itself and all places below it. */
export function placesIn(facts: CommandFacts | GroupFacts): Place[] {
  const path = facts.words.join(' ');
  if (facts.kind === 'command') {
    const [first] = facts.arguments;
    const options = [...facts.options, ...COMMON_OPTIONS];
    return [{ path, commands: [], options, arguments: expected(first?.placeholder ?? '') }];
  }
  const commands = facts.members.map(({ words, brief }) => [words.at(-1) ?? '', brief] as const);
  const options = [...COMMON_OPTIONS, ...(facts.words.length === 1 ? [VERSION_OPTION] : [])];
  return [{ path, commands, options, arguments: 'text' }, ...facts.members.flatMap(placesIn)];
}

/** By the name of the value, such as `SERIAL|FILE` or `DIR`. */
export function expected(placeholder: string): Expected {
  if (placeholder.includes('FILE')) return 'file';
  return placeholder.includes('DIR') ? 'folder' : 'text';
}

/** All spellings of an option. */
export function spellings({ letter, name }: OptionFacts): string[] {
  return letter === undefined ? [name] : [letter, name];
}

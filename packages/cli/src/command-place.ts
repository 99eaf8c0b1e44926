// Where in the tree of commands a command line leads.
import type { Command, RouteMap } from '@stricli/core';
import { commands } from './commands.ts';
import type { CliContext } from './process.ts';

export interface Place {
  /** The innermost group that the arguments name. */
  group: RouteMap<CliContext>;
  /** The words that lead to the group. */
  words: string[];
  /** The command in the group; undefined if the next word is none. */
  command?: CommandPlace;
}

export interface CommandPlace {
  name: string;
  /** With their dashes: `--key-type`. */
  options: ReadonlySet<string>;
  /** In capital letters: `NAME`. */
  arguments: readonly string[];
}

/** Follows the arguments as far as they name groups, and then a command. */
export function placeOf(args: readonly string[]): Place {
  let group: RouteMap<CliContext> = commands;
  const words: string[] = [];
  for (const arg of args) {
    const found = entriesOf(group).get(arg);
    if (found === undefined) break;
    if ('parameters' in found) return { group, words, command: commandPlace(arg, found) };
    group = found;
    words.push(arg);
  }
  return { group, words };
}

/** The commands and groups in a group, by name. */
export function entriesOf(
  group: RouteMap<CliContext>,
): ReadonlyMap<string, Command<CliContext> | RouteMap<CliContext>> {
  return new Map(
    group.getAllEntries().map(({ name, target }) => [name['convert-camel-to-kebab'], target] as const),
  );
}

function commandPlace(name: string, { parameters }: Command<CliContext>): CommandPlace {
  const { flags = {}, positional } = parameters;
  const several = positional?.kind === 'array' ? [positional.parameter] : (positional?.parameters ?? []);
  return {
    name,
    options: new Set(Object.keys(flags).map((flag) => `--${kebab(flag)}`)),
    arguments: several.flatMap(({ placeholder = '' }) => placeholder.split(/[^A-Z]+/)),
  };
}

/** The name of an option as people write it. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

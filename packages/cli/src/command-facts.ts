// The tree of commands as plain data: the source of help, shell completion, the manual pages and
// docs/command-line.md.
import type { Command, RouteMap } from '@stricli/core';
import type { CliContext } from './process.ts';

export interface OptionFacts {
  /** With its dashes: `--key-type`. */
  name: string;
  /** With its dash: `-n`. */
  letter: string | undefined;
  /** The name of the value, such as `FILE`; undefined for a switch. */
  value: string | undefined;
  choices: readonly string[];
  brief: string;
  isRequired: boolean;
}

export interface ArgumentFacts {
  /** As in the usage line: `NAME`, `[FILE]` or `FILE...`. */
  placeholder: string;
  brief: string;
}

export interface CommandFacts {
  kind: 'command';
  /** Beginning with `gatehouse`. */
  words: readonly string[];
  brief: string;
  /** The brief, and examples. */
  description: string;
  usage: string;
  arguments: readonly ArgumentFacts[];
  options: readonly OptionFacts[];
}

export interface GroupFacts {
  kind: 'group';
  words: readonly string[];
  brief: string;
  members: readonly (CommandFacts | GroupFacts)[];
}

/** The options that every command and group has. */
export const COMMON_OPTIONS: readonly OptionFacts[] = [
  { ...toggle('--help', 'Print this help'), letter: '-h' },
  {
    ...toggle('--color', 'Colour: auto, always or never (default: auto, which respects NO_COLOR)'),
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
  },
];

/** The option that only `gatehouse` itself has. */
export const VERSION_OPTION: OptionFacts = { ...toggle('--version', 'Print the version'), letter: '-v' };

function toggle(name: string, brief: string): OptionFacts {
  return { name, brief, letter: undefined, value: undefined, choices: [], isRequired: false };
}

/** Any command or group of the tree. */
export function factsOf(
  target: Command<CliContext> | RouteMap<CliContext>,
  words: readonly string[],
): CommandFacts | GroupFacts {
  return 'parameters' in target ? commandFacts(target, words) : groupFacts(target, words);
}

function commandFacts(command: Command<CliContext>, words: readonly string[]): CommandFacts {
  const { parameters, brief, fullDescription } = command;
  const options = optionsOf(parameters);
  const placeholders = argumentsOf(parameters);
  const required = options.filter(({ isRequired }) => isRequired).map(spelled);
  const others = required.length < options.length ? ['[OPTION]...'] : [];
  const names = placeholders.map(({ placeholder }) => placeholder);
  const usage = [...words, ...required, ...others, ...names].join(' ');
  const description = fullDescription ?? brief;
  return { kind: 'command', words, brief, description, usage, arguments: placeholders, options };
}

export function groupFacts(group: RouteMap<CliContext>, words: readonly string[]): GroupFacts {
  const members = group
    .getAllEntries()
    .map(({ name, target }) => factsOf(target, [...words, name['convert-camel-to-kebab']]));
  return { kind: 'group', words, brief: group.brief, members };
}

/** An option with the name of its value: `--out FILE`. */
export function spelled({ name, value }: OptionFacts): string {
  return value === undefined ? name : `${name} ${value}`;
}

type Parameters = Command<CliContext>['parameters'];
type Flag = NonNullable<Parameters['flags']>[string];

function optionsOf({ flags = {}, aliases = {} }: Parameters): OptionFacts[] {
  return Object.entries(flags).map(([name, flag]) => {
    const letter = Object.entries(aliases).find(([, of]) => of === name)?.[0];
    return {
      name: `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`,
      letter: letter === undefined ? undefined : `-${letter}`,
      value: flag.kind === 'boolean' ? undefined : valueName(flag),
      choices: choicesOf(flag),
      brief: describe(flag),
      isRequired: !isOptional(flag),
    };
  });
}

function argumentsOf({ positional }: Parameters): ArgumentFacts[] {
  if (positional === undefined) return [];
  if (positional.kind === 'array') {
    const { placeholder = 'ARGUMENT', brief } = positional.parameter;
    const name = (positional.minimum ?? 0) > 0 ? placeholder : `[${placeholder}]`;
    return [{ placeholder: `${name}...`, brief }];
  }
  return positional.parameters.map(({ placeholder = 'ARGUMENT', brief, optional }) => ({
    placeholder: optional ? `[${placeholder}]` : placeholder,
    brief,
  }));
}

function isOptional(flag: Flag): boolean {
  return flag.optional ?? ('default' in flag && flag.default !== undefined);
}

function valueName(flag: Flag): string {
  const isVariadic = 'variadic' in flag && flag.variadic !== undefined && flag.variadic !== false;
  return `${singleValueName(flag)}${isVariadic ? '...' : ''}`;
}

function singleValueName(flag: Flag): string {
  if (flag.placeholder !== undefined) return flag.placeholder;
  return namesChoices(flag) ? choicesOf(flag).join('|') : 'VALUE';
}

function describe(flag: Flag): string {
  const isListed = choicesOf(flag).length > 0 && !namesChoices(flag);
  const choices = isListed ? `; one of ${choicesOf(flag).join(', ')}` : '';
  const fallback = 'default' in flag && flag.default !== undefined ? ` (default: ${flag.default})` : '';
  return `${flag.brief}${choices}${fallback}`;
}

function choicesOf(flag: Flag): readonly string[] {
  return flag.kind === 'enum' ? flag.values : [];
}

/** Longer lists of choices are in the description. */
const MAX_CHOICES_LENGTH = 30;

/** Whether the name of the value lists the choices. */
function namesChoices(flag: Flag): boolean {
  const choices = choicesOf(flag).join('|');
  return flag.placeholder === undefined && choices !== '' && choices.length <= MAX_CHOICES_LENGTH;
}

// What a user meant by a word that is no command: words of other programs, then what is spelled alike.
import type { RouteMap } from '@stricli/core';
import { commands } from './commands.ts';
import { visible } from './output/print.ts';
import type { CliContext } from './process.ts';

/** Words that are options here, or that another command covers. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['help', "'gatehouse --help'"],
  ['version', "'gatehouse --version'"],
  ['start', "'gatehouse up'"],
  ['serve', "'gatehouse up'"],
  ['server', "'gatehouse up'"],
  ['run', "'gatehouse up'"],
  ['init', "'gatehouse up', which makes the data folder when it first starts"],
  ['install', "'gatehouse up', which makes the data folder when it first starts"],
  ['stop', "Ctrl-C or SIGTERM in the process of 'gatehouse up'"],
  ['curl', "'gatehouse request'"],
  ['s_client', "'gatehouse inspect'"],
  ['probe', "'gatehouse inspect'"],
  ['get', "'gatehouse request'"],
  ['token', "'gatehouse login'"],
  ['ledger', "'gatehouse audit'"],
  ['log', "'gatehouse audit tail' or 'gatehouse tls log'"],
  ['logs', "'gatehouse audit tail' or 'gatehouse tls log'"],
  ['reload', "'gatehouse config reload'"],
  ['check', "'gatehouse config check'"],
  ['rotate', "'gatehouse keyring rotate' or 'gatehouse key rotate'"],
  ['renew', "'gatehouse cert renew'"],
  ['health', "'gatehouse status'"],
  ['metrics', "'gatehouse request https://localhost:9443/metrics'"],
]);

/** Groups of words with one meaning. A group of commands has one of them. */
const synonyms: readonly (readonly string[])[] = [
  ['create', 'add', 'new', 'make', 'generate', 'register', 'issue'],
  ['remove', 'revoke', 'delete', 'del', 'rm', 'destroy'],
  ['list', 'ls', 'all', 'accounts'],
  ['show', 'get', 'describe', 'info', 'inspect', 'view'],
  ['tail', 'log', 'logs', 'list', 'ls', 'show'],
  ['password', 'passwd', 'reset-password', 'set-password'],
  ['rotate', 'roll', 'renew', 'replace'],
  ['disable', 'lock', 'block', 'suspend'],
  ['enable', 'unlock', 'unblock'],
];

export interface Mistake {
  /** The word that is no command. */
  input: string;
  /** The command line. */
  args: readonly string[];
  /** Commands that are spelled alike, in quotes. */
  alike: readonly string[];
}

/** The whole sentence. */
export function noSuchCommand({ input, args, alike }: Mistake): string {
  const { group, words } = groupAt(args);
  if (input.startsWith('-')) return misplacedOption(input, words);
  const prefix = ['gatehouse', ...words].join(' ');
  const what = words.length === 0 ? `'${visible(input)}'` : `'${visible(input)}' in '${prefix}'`;
  const meant =
    (words.length === 0 ? topic(input, args) : helpOf(input, prefix)) ?? synonymOf(input, { group, prefix });
  const guesses = meant === undefined ? alike.map((name) => name.replaceAll('`', "'")) : [meant];
  const question = guesses.length === 0 ? '' : `, did you mean ${guesses.join(' or ')}?`;
  return `there is no command ${what}${question}; see '${prefix} --help'`;
}

function misplacedOption(input: string, words: readonly string[]): string {
  const prefix = ['gatehouse', ...words].join(' ');
  if (words.length === 0 && /^-+v(e|$)/i.test(input))
    return `there is no option ${visible(input)}, did you mean 'gatehouse --version'?; see 'gatehouse --help'`;
  return `the command comes before its options, and '${prefix}' needs one; see '${prefix} --help'`;
}

/** `help user` asks for the help of that group. */
function topic(input: string, args: readonly string[]): string | undefined {
  const { words } = groupAt(args.slice(1));
  return input === 'help' && words.length > 0
    ? `'gatehouse ${words.join(' ')} --help'`
    : elsewhere.get(input);
}

function helpOf(input: string, prefix: string): string | undefined {
  return input === 'help' ? `'${prefix} --help'` : undefined;
}

interface Place {
  group: RouteMap<CliContext>;
  /** The words that lead there. */
  words: string[];
}

/** The innermost group that the arguments name. */
function groupAt(args: readonly string[]): Place {
  let group: RouteMap<CliContext> = commands;
  const words: string[] = [];
  for (const arg of args) {
    const entry = group.getAllEntries().find(({ name }) => name['convert-camel-to-kebab'] === arg);
    if (entry === undefined || 'parameters' in entry.target) break;
    group = entry.target;
    words.push(arg);
  }
  return { group, words };
}

function synonymOf(
  input: string,
  { group, prefix }: { group: RouteMap<CliContext>; prefix: string },
): string | undefined {
  const names = group.getAllEntries().map(({ name }) => name['convert-camel-to-kebab']);
  const found = synonyms
    .filter((words) => words.includes(input))
    .flatMap((words) => names.filter((name) => words.includes(name)));
  return found[0] === undefined ? undefined : `'${prefix} ${found[0]}'`;
}

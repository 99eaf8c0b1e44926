// What a user meant by an unknown command: words of other programs first, then similar spellings.
import type { RouteMap } from '@stricli/core';
import { commands } from './commands.ts';
import { visible } from './output/print.ts';
import type { CliContext } from './process.ts';
import { alike as alikeOf, didYouMean, withHelp } from './spelling.ts';

/** Words that are options here, or belong to another command. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ['help', "'gatehouse --help'"],
  ['version', "'gatehouse --version'"],
  ['start', "'gatehouse up'"],
  ['serve', "'gatehouse up'"],
  ['server', "'gatehouse up'"],
  ['run', "'gatehouse up'"],
  ['init', "'gatehouse up', which makes the data folder when it first starts"],
  ['install', "'gatehouse up', which makes the data folder when it first starts"],
  ['down', "Ctrl-C or SIGTERM in the process of 'gatehouse up'"],
  ['restart', "'gatehouse config reload', or the restart of its service"],
  ['upgrade', 'an upgrade of the package, as docs/operate.md describes it'],
  ['update', 'an upgrade of the package, as docs/operate.md describes it'],
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
  ['check', 'validate', 'verify', 'lint', 'test'],
  ['disable', 'lock', 'block', 'suspend'],
  ['enable', 'unlock', 'unblock'],
];

export interface Mistake {
  /** The unknown command. */
  input: string;
  /** The command line. */
  args: readonly string[];
  /** Commands with a similar spelling, in quotes. */
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
  const guesses =
    meant === undefined ? alikeOf(input, alike.map(unquoted)).map((name) => `'${name}'`) : [meant];
  return withHelp(`there is no command ${what}${didYouMean(guesses)}`, `'${prefix} --help'`);
}

function misplacedOption(input: string, words: readonly string[]): string {
  const prefix = ['gatehouse', ...words].join(' ');
  if (words.length === 0 && /^-+v(e|$)/i.test(input))
    return withHelp(
      `there is no option ${visible(input)}${didYouMean(["'gatehouse --version'"])}`,
      "'gatehouse --help'",
    );
  return `the command comes before its options, and '${prefix}' needs one; see '${prefix} --help'`;
}

/** `help user` asks for the help of that group, and `help user add` for that of the command. */
function topic(input: string, args: readonly string[]): string | undefined {
  const { group, words } = groupAt(args.slice(1));
  const [next = ''] = args.slice(1 + words.length);
  const asked = namesIn(group).includes(next) ? [...words, next] : words;
  return input === 'help' && asked.length > 0
    ? `'gatehouse ${asked.join(' ')} --help'`
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
  const names = namesIn(group);
  const found = synonyms
    .filter((words) => words.includes(input))
    .flatMap((words) => names.filter((name) => words.includes(name)));
  return found[0] === undefined ? undefined : `'${prefix} ${found[0]}'`;
}

function namesIn(group: RouteMap<CliContext>): string[] {
  return group.getAllEntries().map(({ name }) => name['convert-camel-to-kebab']);
}

/** The parser quotes names with backticks. */
function unquoted(name: string): string {
  return name.replaceAll('`', '');
}

// What `--help` prints, in lines of 80 columns. Unlike stricli's own help, it names the value of each option,
// and every argument in the usage line.
import {
  type ApplicationFlagFunction,
  type Command,
  help,
  type RouteMap,
  type StricliIntegration,
} from '@stricli/core';
import { exitRows } from './exit-status.ts';
import { wrap } from './output/lines.ts';
import type { CliContext } from './process.ts';

/** The option `--help`, `-h`, and what a group prints without a command. */
export function helpOption(): StricliIntegration<CliContext> {
  const stock = help<CliContext>({
    brief: HELP_BRIEF,
    defaultForRouteMap: true,
    formatting: {
      caseStyle: 'convert-camel-to-kebab',
      useAliasInUsageLine: false,
      onlyRequiredInUsageLine: true,
    },
  });
  return stock.flag === undefined ? stock : { ...stock, flag: { ...stock.flag, run: printHelp } };
}

const HELP_BRIEF = 'Print this help';
/** Every terminal has so many. */
const COLUMNS = 80;
/** Longer lists of choices are in the description. */
const MAX_CHOICES_LENGTH = 30;

type Parameters = Command<CliContext>['parameters'];
type Flag = NonNullable<Parameters['flags']>[string];
type Row = readonly [name: string, brief: string];

/** The options that all commands and groups have. */
const EVERYWHERE: readonly Row[] = [
  ['-h, --help', HELP_BRIEF],
  ['    --color WHEN', 'Colour: auto, always or never (default: auto, which respects NO_COLOR)'],
];

const printHelp: ApplicationFlagFunction<CliContext> = function (_application, { result }) {
  const { target, prefix } = result;
  const words = prefix.join(' ');
  const text = 'parameters' in target ? commandHelp(target, words) : groupHelp(target, words);
  this.process.stdout.write(`${text}\n`);
};

function commandHelp({ parameters, brief, fullDescription }: Command<CliContext>, prefix: string): string {
  const { flags = {}, aliases = {} } = parameters;
  const options = Object.entries(flags).map(([name, flag]): Row => {
    const letter = Object.entries(aliases).find(([, of]) => of === name)?.[0];
    return [`${letter === undefined ? '    ' : `-${letter}, `}${optionName(name, flag)}`, describe(flag)];
  });
  const sections = [
    `Usage\n  ${usageLine(parameters, prefix)}`,
    fullDescription ?? wrap(brief, COLUMNS).join('\n'),
    section('Arguments', positionals(parameters)),
    section('Options', [...options, ...EVERYWHERE]),
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

function groupHelp(group: RouteMap<CliContext>, prefix: string): string {
  const entries = group.getAllEntries().map(({ name, target }) => {
    const words = `${prefix} ${name['convert-camel-to-kebab']}`;
    const usage = 'parameters' in target ? usageLine(target.parameters, words) : `${words} COMMAND`;
    return { usage, row: [name['convert-camel-to-kebab'], target.brief] as const };
  });
  const isRoot = !prefix.includes(' ');
  const options: Row[] = [
    ...EVERYWHERE,
    ...(isRoot ? [['-v, --version', 'Print the version'] as const] : []),
  ];
  return [
    ['Usage', ...entries.map(({ usage }) => `  ${usage}`)].join('\n'),
    group.brief,
    section(
      'Commands',
      entries.map(({ row }) => row),
    ),
    section('Options', options),
    ...(isRoot ? [section('Exit status', exitRows)] : []),
  ].join('\n\n');
}

/** The required options, `[OPTION]...` if there are others, then the arguments. */
function usageLine(parameters: Parameters, prefix: string): string {
  const flags = Object.entries(parameters.flags ?? {});
  const required = flags
    .filter(([, flag]) => !isOptional(flag))
    .map(([name, flag]) => optionName(name, flag));
  const others = required.length < flags.length ? ['[OPTION]...'] : [];
  return [prefix, ...required, ...others, ...positionals(parameters).map(([name]) => name)].join(' ');
}

function positionals({ positional }: Parameters): Row[] {
  if (positional === undefined) return [];
  if (positional.kind === 'array') {
    const { placeholder = 'ARGUMENT', brief } = positional.parameter;
    return [[`${placeholder}...`, brief]];
  }
  return positional.parameters.map(({ placeholder = 'ARGUMENT', brief, optional }) => [
    optional ? `[${placeholder}]` : placeholder,
    brief,
  ]);
}

function isOptional(flag: Flag): boolean {
  return flag.optional ?? ('default' in flag && flag.default !== undefined);
}

function optionName(name: string, flag: Flag): string {
  const dashed = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (flag.kind === 'boolean') return dashed;
  const isVariadic = 'variadic' in flag && flag.variadic !== undefined && flag.variadic !== false;
  return `${dashed} ${valueName(flag)}${isVariadic ? '...' : ''}`;
}

function valueName(flag: Flag): string {
  if (flag.placeholder !== undefined) return flag.placeholder;
  return choicesOf(flag).length > 0 && !hasManyChoices(flag) ? choicesOf(flag).join('|') : 'VALUE';
}

function describe(flag: Flag): string {
  const choices = hasManyChoices(flag) ? `; one of ${choicesOf(flag).join(', ')}` : '';
  const fallback = 'default' in flag && flag.default !== undefined ? ` (default: ${flag.default})` : '';
  return `${flag.brief}${choices}${fallback}`;
}

function choicesOf(flag: Flag): readonly string[] {
  return flag.kind === 'enum' ? flag.values : [];
}

function hasManyChoices(flag: Flag): boolean {
  return choicesOf(flag).join('|').length > MAX_CHOICES_LENGTH;
}

function section(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const indent = 2 + Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, brief]) => {
    const text = wrap(brief, COLUMNS - indent).join(`\n${' '.repeat(indent)}`);
    return `  ${name}`.padEnd(indent) + text;
  });
  return [title, ...lines].join('\n');
}

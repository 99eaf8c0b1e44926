// The output of `--help`, in lines of 80 columns. Unlike stricli's own help, it names the value of each
// option, and every argument in the usage line.
import { type ApplicationFlagFunction, help, type StricliIntegration } from '@stricli/core';
import {
  COMMON_OPTIONS,
  type CommandFacts,
  factsOf,
  type GroupFacts,
  type OptionFacts,
  spelled,
  VERSION_OPTION,
} from './command-facts.ts';
import { exitRows } from './exit-status.ts';
import { wrap } from './output/lines.ts';
import type { CliContext } from './process.ts';

/** The option `--help`, `-h`, and the output of a group without a command. */
export function helpOption(): StricliIntegration<CliContext> {
  const stock = help<CliContext>({
    brief: 'Print this help',
    defaultForRouteMap: true,
    formatting: {
      caseStyle: 'convert-camel-to-kebab',
      useAliasInUsageLine: false,
      onlyRequiredInUsageLine: true,
    },
  });
  return stock.flag === undefined ? stock : { ...stock, flag: { ...stock.flag, run: printHelp } };
}

/** Every terminal has at least this many. */
const COLUMNS = 80;

type Row = readonly [name: string, brief: string];

const printHelp: ApplicationFlagFunction<CliContext> = function (_application, { result }) {
  this.process.stdout.write(`${helpText(factsOf(result.target, result.prefix))}\n`);
};

/** The help of a command or a group. */
export function helpText(facts: CommandFacts | GroupFacts): string {
  return facts.kind === 'command' ? commandHelp(facts) : groupHelp(facts);
}

function commandHelp(facts: CommandFacts): string {
  const sections = [
    `Usage\n  ${facts.usage}`,
    facts.description === facts.brief ? wrap(facts.brief, COLUMNS).join('\n') : facts.description,
    section(
      'Arguments',
      facts.arguments.map(({ placeholder, brief }): Row => [placeholder, brief]),
    ),
    section('Options', [...facts.options, ...COMMON_OPTIONS].map(optionRow)),
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

function groupHelp({ words, brief, members }: GroupFacts): string {
  const isRoot = words.length === 1;
  const usages = members.map((one) =>
    one.kind === 'command' ? one.usage : `${one.words.join(' ')} COMMAND`,
  );
  const options = [...COMMON_OPTIONS, ...(isRoot ? [VERSION_OPTION] : [])];
  return [
    ['Usage', ...usages.map((usage) => `  ${usage}`)].join('\n'),
    brief,
    section(
      'Commands',
      members.map((one): Row => [one.words.at(-1) ?? '', one.brief]),
    ),
    section('Options', options.map(optionRow)),
    ...(isRoot ? [section('Exit status', exitRows)] : []),
  ].join('\n\n');
}

function optionRow(option: OptionFacts): Row {
  return [`${option.letter === undefined ? '    ' : `${option.letter}, `}${spelled(option)}`, option.brief];
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

// The manual pages, from the tables of commands: gatehouse(1), and one for each of its commands, in the
// macros of man(7).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  COMMON_OPTIONS,
  type CommandFacts,
  type GroupFacts,
  groupFacts,
  type OptionFacts,
  spelled,
  VERSION_OPTION,
} from '../../packages/cli/src/command-facts.ts';
import { commands } from '../../packages/cli/src/commands.ts';
import { exitRows } from '../../packages/cli/src/exit-status.ts';
import { manifestOf } from './manifest.ts';

interface Page {
  /** `gatehouse-user.1`. */
  file: string;
  text: string;
}

/** Writes the pages into the folder `man`, and returns their paths for the manifest. */
export function writeManual(folder: string): string[] {
  mkdirSync(join(folder, 'man'), { recursive: true });
  return manualPages().map(({ file, text }) => {
    writeFileSync(join(folder, 'man', file), text);
    return `./man/${file}`;
  });
}

export function manualPages(): Page[] {
  const root = groupFacts(commands, ['gatehouse']);
  return [mainPage(root), ...root.members.map(pageOf)];
}

function mainPage(root: GroupFacts): Page {
  const names = root.members.map((one) => entry(bold(`gatehouse-${one.words[1]}`, '(1)'), one.brief));
  return page(root, [
    heading('SYNOPSIS'),
    `${bold('gatehouse')} ${italic('COMMAND')} [${italic('OPTION')}]... [${italic('ARGUMENT')}]...`,
    heading('COMMANDS'),
    ...names,
    heading('OPTIONS'),
    ...[...COMMON_OPTIONS, VERSION_OPTION].map(optionEntry),
    ...ends,
  ]);
}

function pageOf(facts: CommandFacts | GroupFacts): Page {
  const all = commandsIn(facts);
  const synopsis = all.flatMap(({ usage }, index) => [...(index === 0 ? [] : ['.br']), escaped(usage)]);
  const details = facts.kind === 'command' ? parts(facts, heading) : all.flatMap(section);
  return page(facts, [heading('SYNOPSIS'), '.nh', ...synopsis, '.hy', ...details, ...ends]);
}

/** A command of a group, as a section of its page. */
function section(facts: CommandFacts): string[] {
  return [heading(facts.words.slice(1).join(' ')), ...parts(facts, (title) => `.SS ${quoted(title)}`)];
}

function parts(facts: CommandFacts, title: (text: string) => string): string[] {
  return [
    ...description(facts),
    ...(facts.arguments.length === 0 ? [] : [title('Arguments')]),
    ...facts.arguments.map(({ placeholder, brief }) => entry(italic(placeholder), brief)),
    title('Options'),
    ...[...facts.options, ...COMMON_OPTIONS].map(optionEntry),
  ];
}

/** The examples keep their lines. */
function description({ description, brief }: CommandFacts): string[] {
  const [, examples] = description.split('\n\nExamples\n');
  const text = ['.PP', escaped(`${brief}.`)];
  return examples === undefined
    ? text
    : [...text, '.PP', 'Examples:', '.PP', '.EX', escaped(examples), '.EE'];
}

const ends = [
  heading('EXIT STATUS'),
  ...exitRows.map(([status, meaning]) => entry(bold(status), meaning)),
  heading('ENVIRONMENT'),
  entry(bold('GATEHOUSE_DATA'), 'The data folder'),
  entry(bold('NO_COLOR'), 'If it is not empty, there is no colour'),
];

function page({ words, brief }: CommandFacts | GroupFacts, lines: readonly string[]): Page {
  const name = words.join('-');
  const { version } = manifestOf('cli');
  const head = `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`Gatehouse ${version}`)} "Gatehouse manual"`;
  const text = [head, heading('NAME'), `${escaped(name)} \\- ${escaped(brief)}`, ...lines, ''].join('\n');
  return { file: `${name}.1`, text };
}

function commandsIn(facts: CommandFacts | GroupFacts): CommandFacts[] {
  return facts.kind === 'command' ? [facts] : facts.members.flatMap(commandsIn);
}

function optionEntry(option: OptionFacts): string {
  const letter = option.letter === undefined ? '' : `${bold(option.letter)}, `;
  const [name = '', ...value] = spelled(option).split(' ');
  return entry(
    `${letter}${bold(name)}${value.length === 0 ? '' : ` ${italic(value.join(' '))}`}`,
    option.brief,
  );
}

function entry(term: string, text: string): string {
  return `.TP\n${term}\n${escaped(text)}`;
}

function heading(title: string): string {
  return `.SH ${quoted(title)}`;
}

function bold(text: string, after = ''): string {
  return `\\fB${escaped(text)}\\fR${after}`;
}

function italic(text: string): string {
  return `\\fI${escaped(text)}\\fR`;
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`;
}

/** A line that begins with a dot or an apostrophe would be a request; a hyphen would become a dash. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll("'", '\\(aq')
    .replace(/^\./gm, '\\&.')
    .replaceAll('…', '\\&...')
    .replaceAll('§', '\\(sc');
}

// What a user meant by an unknown command: words of other programs first, then similar spellings.
import { entriesOf, type Place, placeOf } from './command-place.ts';
import { isUrl, meantElsewhere, synonymOf } from './other-commands.ts';
import { visible } from './output/print.ts';
import { alike as alikeOf, didYouMean, withHelp } from './spelling.ts';

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
  const { words } = placeOf(args);
  const prefix = ['gatehouse', ...words].join(' ');
  const meant = meantBy(input, args);
  if (input.startsWith('-') && meant === undefined) {
    return `the command comes before its options, and '${prefix}' needs one; see '${prefix} --help'`;
  }
  const what = input.startsWith('-') ? `option ${visible(input)}` : `command ${quoted(input)}`;
  const where = words.length === 0 ? '' : ` in '${prefix}'`;
  const guesses =
    meant === undefined ? alikeOf(input, alike.map(unquoted)).map((name) => `'${name}'`) : [meant];
  return withHelp(`there is no ${what}${where}${didYouMean(guesses)}`, `'${prefix} --help'`);
}

function quoted(input: string): string {
  return isUrl(input) ? 'that is a URL' : `'${visible(input)}'`;
}

function meantBy(input: string, args: readonly string[]): string | undefined {
  const place = placeOf(args);
  const isFirst = place.words.length === 0;
  if (isFirst && /^-+v(e|$)/i.test(input)) return "'gatehouse --version'";
  if (input === 'help') return helpOf(isFirst ? args.slice(1) : place.words);
  const turned = isFirst ? verbFirst(args) : undefined;
  return turned ?? meantElsewhere(input, place.words) ?? inGroup(input, place);
}

/** `help user` asks for the help of that group, and `help user add` for that of the command. */
function helpOf(args: readonly string[]): string {
  const { words, command } = placeOf(args);
  const asked = command === undefined ? words : [...words, command.name];
  return `'${['gatehouse', ...asked, '--help'].join(' ')}'`;
}

/** `add user`, `list keys`: here the group comes first. */
function verbFirst([verb = '', noun = '']: readonly string[]): string | undefined {
  const one = noun.replace(/s$/, '');
  for (const name of [noun, one]) {
    const place = placeOf([name]);
    if (place.words.length === 0) continue;
    const isOfAll = noun !== one && ['get', 'show'].includes(verb);
    return inGroup(isOfAll ? 'list' : verb, place);
  }
  return undefined;
}

function inGroup(word: string, { group, words }: Place): string | undefined {
  const names = [...entriesOf(group).keys()];
  const name = names.includes(word) ? word : synonymOf(word, names);
  return name === undefined ? undefined : `'${['gatehouse', ...words, name].join(' ')}'`;
}

/** The parser quotes names with backticks. */
function unquoted(name: string): string {
  return name.replaceAll('`', '');
}

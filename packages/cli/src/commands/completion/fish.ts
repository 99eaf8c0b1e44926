// Completion for fish: a line for each command and option, with its purpose.
import type { GroupFacts, OptionFacts } from '../../command-facts.ts';
import { expected, type Place, placesIn } from './places.ts';

export function fishScript(root: GroupFacts): string {
  const places = placesIn(root);
  const [, ...below] = places;
  return `# Completion of gatehouse for fish, written by 'gatehouse completion fish'.
function __gatehouse_is_at
    set -l place gatehouse
    for token in (commandline --tokenize --cut-at-cursor --current-process)[2..]
        switch "$place $token"
            case ${below.map(({ path }) => quoted(path)).join(' ')}
                set place "$place $token"
        end
    end
    test "$place" = "$argv"
end
complete --command gatehouse --no-files
${places.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, options, arguments: kind }: Place): string[] {
  const start = `complete --command gatehouse --condition ${quoted(`__gatehouse_is_at ${path}`)}`;
  const names = commands.map(
    ([name, brief]) => `${start} --arguments ${name} --description ${quoted(brief)}`,
  );
  const files = kind === 'text' ? [] : [`${start} ${filesOf(kind)}`];
  return [...names, ...files, ...options.map((option) => `${start} ${optionOf(option)}`)];
}

function optionOf(option: OptionFacts): string {
  const letter = option.letter === undefined ? [] : [`--short-option ${option.letter.slice(1)}`];
  const name = `--long-option ${option.name.slice(2)}`;
  return [...letter, name, ...whatFollows(option), `--description ${quoted(option.brief)}`].join(' ');
}

function whatFollows({ value, choices }: OptionFacts): string[] {
  if (value === undefined) return [];
  if (choices.length > 0) return ['--exclusive', `--arguments ${quoted(choices.join(' '))}`];
  const kind = expected(value);
  return kind === 'text' ? ['--exclusive'] : ['--require-parameter', filesOf(kind)];
}

function filesOf(kind: 'file' | 'folder'): string {
  return kind === 'file' ? '--force-files' : "--arguments '(__fish_complete_directories)'";
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

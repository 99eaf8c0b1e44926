// Completion for zsh: a function for a folder of $fpath. It shows the purpose of each command and option.
import type { GroupFacts } from '../../command-facts.ts';
import { type Place, placesIn, spellings } from './places.ts';
import { pathPatterns, quoted, valueCases } from './posix.ts';

export function zshScript(root: GroupFacts): string {
  const places = placesIn(root);
  return `#compdef gatehouse
# Completion of gatehouse for zsh, written by 'gatehouse completion zsh'.
_gatehouse() {
  local previous=$words[CURRENT-1] place=gatehouse expected= arguments=text index
  local -a commands options choices
  for ((index = 2; index < CURRENT; index++)); do
    case "$place $words[index]" in
      ${pathPatterns(places)}) place="$place $words[index]" ;;
    esac
  done
  case $place in
${places.map(placeCase).join('\n')}
  esac
  if [[ -z $expected && $words[CURRENT] == -* ]]; then
    _describe -o option options
  elif [[ -z $expected && $#commands -gt 0 ]]; then
    _describe command commands
  else
    case \${expected:-$arguments} in
      choice) compadd -a choices ;;
      file) _files ;;
      folder) _files -/ ;;
    esac
  fi
}
if [[ $funcstack[1] == _gatehouse ]]; then _gatehouse "$@"; else compdef _gatehouse gatehouse; fi
`;
}

function placeCase({ path, commands, options, arguments: kind }: Place): string {
  const described = options.flatMap((option) => spellings(option).map((name) => entry(name, option.brief)));
  return `    ${quoted(path)})
      commands=(${commands.map(([name, brief]) => entry(name, brief)).join(' ')})
      options=(${described.join(' ')})
      arguments=${kind}
      case $previous in
${valueCases(options).join('\n')}
      esac ;;`;
}

/** A colon separates a name from its description. */
function entry(name: string, brief: string): string {
  return quoted(`${name.replaceAll(':', '\\:')}:${brief}`);
}

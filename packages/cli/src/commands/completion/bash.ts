// Completion for bash, from version 3.2 on, without the bash-completion package.
import type { GroupFacts } from '../../command-facts.ts';
import { type Place, placesIn, spellings } from './places.ts';
import { pathPatterns, quoted, valueCases } from './posix.ts';

export function bashScript(root: GroupFacts): string {
  const places = placesIn(root);
  return `# Completion of gatehouse for bash, written by 'gatehouse completion bash'.
_gatehouse() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local place=gatehouse expected= arguments=text index
  local -a commands=() options=() choices=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$place \${COMP_WORDS[index]}" in
      ${pathPatterns(places)}) place="$place \${COMP_WORDS[index]}" ;;
    esac
  done
  case $place in
${places.map(placeCase).join('\n')}
  esac
  local IFS=$'\\n'
  if [[ -z $expected && $word == -* ]]; then choices=("\${options[@]}") expected=choice
  elif [[ -z $expected && \${#commands[@]} -gt 0 ]]; then choices=("\${commands[@]}") expected=choice
  elif [[ -z $expected ]]; then expected=$arguments
  fi
  case $expected in
    choice) COMPREPLY=($(compgen -W "\${choices[*]}" -- "$word")) ;;
    file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")) ;;
    folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word")) ;;
    *) COMPREPLY=() ;;
  esac
}
complete -F _gatehouse gatehouse
`;
}

function placeCase({ path, commands, options, arguments: kind }: Place): string {
  const names = commands.map(([name]) => name).join(' ');
  return `    ${quoted(path)})
      commands=(${names}) options=(${options.flatMap(spellings).join(' ')}) arguments=${kind}
      case $previous in
${valueCases(options).join('\n')}
      esac ;;`;
}

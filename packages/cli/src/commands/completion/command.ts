// `gatehouse completion`: options and help.
import { buildCommand } from '@stricli/core';
import { withExamples } from '../../flags.ts';
import { SHELLS } from './shells.ts';

const brief = 'Print the script that completes commands in your shell';

export const completion = buildCommand({
  loader: async () => (await import('./completion.ts')).completion,
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ parse: parseShell, brief: `Your shell: ${SHELLS.join(', ')}`, placeholder: 'SHELL' }],
    },
  },
  docs: {
    brief,
    fullDescription: withExamples(
      brief,
      'gatehouse completion bash > ~/.gatehouse.bash  # source it in ~/.bashrc',
      'gatehouse completion zsh > ~/.gatehouse.zsh    # source it after compinit',
      'gatehouse completion fish > ~/.config/fish/completions/gatehouse.fish',
    ),
  },
});

function parseShell(text: string): (typeof SHELLS)[number] {
  const shell = SHELLS.find((known) => known === text);
  if (shell === undefined) throw new TypeError(`expected one of ${SHELLS.join(', ')}`);
  return shell;
}

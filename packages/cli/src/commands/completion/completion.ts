// `gatehouse completion SHELL`: a script for the shell. It contains all commands and options, so the Tab key
// starts no program.
import { groupFacts } from '../../command-facts.ts';
import { commands } from '../../commands.ts';
import { print } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import type { Shell } from './shells.ts';
import { zshScript } from './zsh.ts';

export function completion(this: CliContext, _flags: object, shell: Shell): void {
  print(this.process, completionScript(shell).trimEnd());
}

const writers = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** The script, with a final line end. */
export function completionScript(shell: Shell): string {
  return writers[shell](groupFacts(commands, ['gatehouse']));
}

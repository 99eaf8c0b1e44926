// Writes docs/command-line.md from the tables of commands: the common parts of all commands, and the help of
// each.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CommandFacts, type GroupFacts, groupFacts } from '../packages/cli/src/command-facts.ts';
import { commands } from '../packages/cli/src/commands.ts';
import { exitRows } from '../packages/cli/src/exit-status.ts';
import { helpText } from '../packages/cli/src/help.ts';

export const COMMANDS_PAGE = fileURLToPath(new URL('../docs/command-line.md', import.meta.url));

const INTRODUCTION = `# The command line

<!-- Written by tools/command-docs.ts from the tables of commands. -->

This page is a reference: look up what you need. It has the help of all commands. \`gatehouse COMMAND --help\` prints the help of one.
The package also has manual pages (\`man gatehouse\`).

## Output

- Commands print results to standard output, and remarks and errors to standard error.
- On a terminal with 80 columns or more, lists fit its width. Long values are shortened in the middle, and times are relative.
  Without a terminal, every value is whole, and times are in RFC 3339.
- \`--json\` prints one JSON document on one line. Lists are arrays.
- \`--color auto|always|never\` decides about colour. With \`auto\`, a terminal has colour unless \`NO_COLOR\` is set.

If a command with \`--json\` fails, it prints nothing to standard output, and one JSON document to standard error:

\`\`\`json
{"error":{"code":"not_found","message":"There is no user \\"bob\\": see 'gatehouse user list'.","exitStatus":1}}
\`\`\`

\`code\` is [a code of the server](errors.md), or a name for the exit status: \`usage\`, \`connect\`, \`timeout\`, \`tls_trust\`.

## Exit status

| status | meaning |
|---|---|
`;

const COMPLETION = `
## Completion

\`gatehouse completion bash|zsh|fish\` prints a script for your shell. For bash, write it to a file and source that file in
\`~/.bashrc\`:

\`\`\`sh
gatehouse completion bash > gatehouse.bash
source ./gatehouse.bash
\`\`\`

For zsh, source its script after \`compinit\`. For fish, write it to \`~/.config/fish/completions/gatehouse.fish\`. The package
has the three scripts in its folder \`completions\`.

## Commands
`;

/** The text of the page. */
export function commandsPage(): string {
  const rows = exitRows.map(([status, meaning]) => `| ${status} | ${meaning} |`).join('\n');
  const root = groupFacts(commands, ['gatehouse']);
  return [`${INTRODUCTION}${rows}`, COMPLETION, ...root.members.flatMap(sectionsOf)].join('\n');
}

function sectionsOf(facts: CommandFacts | GroupFacts): string[] {
  if (facts.kind === 'group') return facts.members.flatMap(sectionsOf);
  return [`### ${facts.words.join(' ')}\n\n\`\`\`text\n${helpText(facts)}\n\`\`\`\n`];
}

if (import.meta.main) writeFileSync(COMMANDS_PAGE, commandsPage());

// JSON from a file. Throws `CliError` with the place of the mistake.
import { CliError, exitStatus } from '../../exit-status.ts';
import { decodeText } from '../../input/decode-text.ts';
import { readInput } from '../../input/input-file.ts';

export async function readJson(path: string): Promise<unknown> {
  const text = decodeText(await readInput(path), path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(exitStatus.failed, `${path} is not JSON${placeIn(cause as Error)}`, { cause });
  }
}

/** The parser knows the place of most mistakes, and says it in words for people who know parsers. */
function placeIn({ message }: Error): string {
  if (message.includes('end of JSON')) return ': it ends too early';
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? [];
  return line === undefined ? '' : `: see line ${line}, column ${column}`;
}

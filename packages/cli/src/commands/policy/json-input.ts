// JSON from a file. Throws `CliError` with the parser's reason.
import { CliError, exitStatus } from '../../exit-status.ts';
import { decodeText } from '../../input/decode-text.ts';
import { readInput } from '../../input/input-file.ts';

export async function readJson(path: string): Promise<unknown> {
  const text = decodeText(await readInput(path), path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(exitStatus.failed, `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

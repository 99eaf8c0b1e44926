// `gatehouse policy format FILE...`: formats policy files in place, or standard input to standard output.
import { writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { CliError, cannotWrite, exitStatus, usageError } from '../../exit-status.ts';
import { decodeText } from '../../input/decode-text.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { counted } from './counted.ts';
import type { PolicyFileAt } from './policy-files.ts';
import { readPolicyFiles } from './policy-files.ts';

export interface PolicyFormatFlags {
  check?: boolean;
  json?: boolean;
}

const STANDARD_INPUT = '-';
const POLICY_INVALID = 'policy_invalid';

export async function policyFormat(
  this: CliContext,
  { check = false, json }: PolicyFormatFlags,
  ...paths: string[]
): Promise<void> {
  if (paths.includes(STANDARD_INPUT)) {
    if (paths.length > 1 || check || json) throw usageError('give - without other files and options');
    const text = decodeText(await buffer(this.process.stdin), 'standard input');
    this.process.stdout.write(await formatted({ name: STANDARD_INPUT, path: STANDARD_INPUT, text }));
    return;
  }
  const files = (await readPolicyFiles(paths)).filter(({ name }) => name.endsWith('.cedar'));
  const results = await Promise.all(files.map(async (file) => ({ ...file, result: await formatted(file) })));
  const changed = results.filter(({ text, result }) => text !== result);
  if (check && changed.length > 0) this.process.exitCode = exitStatus.failed;
  if (!check) for (const { path, result } of changed) await replace(path, result);
  if (json)
    return printJson(
      this.process,
      changed.map(({ path }) => path),
    );
  for (const { path } of changed)
    remark(this.process, `${visible(path)} ${check ? 'is not formatted' : 'was formatted'}`);
  print(
    this.process,
    `${counted(files.length, 'file')}, ${changed.length} ${check ? 'to format' : 'formatted'}`,
  );
}

async function formatted({ path, text }: PolicyFileAt): Promise<string> {
  const { formatPolicies } = await import('@gatehouse/server');
  return formatPolicies({ name: path, text }).catch((error) => {
    if (error.code !== POLICY_INVALID) throw error;
    throw new CliError(exitStatus.failed, error.message, { cause: error, code: POLICY_INVALID });
  });
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error) => {
    throw cannotWrite(path, error);
  });
}

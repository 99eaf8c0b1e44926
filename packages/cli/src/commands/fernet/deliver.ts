// Writes the result to standard output, or to a file that only this user can read. The file is complete, or
// there is none. Turns the library's refusals into messages that name the input.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FernetError } from '@gatehouse/protocol';
import { CliError, exitStatus } from '../../exit-status.ts';
import { checkOutputs, type OutputRules, writeOutputs } from '../../output/output-files.ts';
import type { CliContext } from '../../process.ts';

export interface Destination {
  /** Undefined for standard output. */
  out: string | undefined;
  rules: OutputRules;
}

export interface DeliveryFlags {
  keyFile?: string;
  out?: string;
  force?: boolean;
  json?: boolean;
}

/** Throws `CliError` if the file cannot be written. */
export async function checkDestination(
  flags: DeliveryFlags,
  input: string | undefined,
): Promise<Destination> {
  const { out, force, keyFile } = flags;
  const rules = { force, inputs: [keyFile, input === '-' ? undefined : input] };
  if (out !== undefined) await checkOutputs([out], rules);
  return { out, rules };
}

/** Throws the error of `content`; then there is no file. */
export async function deliver(
  { process, output }: CliContext,
  { out, rules }: Destination,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (out !== undefined) return writeOutputs([{ path: out, content, isSecret: true }], rules);
  await pipeline(Readable.from(content), process.stdout, { end: false }).catch(async (error) => {
    if ((await output.failure()) === undefined) throw error; // `runApplication` reports a failed write
  });
}

/** The same octets. Errors name the input. */
export async function* naming(
  content: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* content;
  } catch (error) {
    throw error instanceof FernetError ? refusedBy(error, name) : error;
  }
}

/** The library's sentence, after the name of the input. */
export function refusedBy(error: FernetError, name: string): CliError {
  const { message } = error;
  return refused(`${name}: ${message.charAt(0).toLowerCase()}${message.slice(1, -1)}`, error);
}

/** A `CliError` with the library's error code. */
export function refused(message: string, { code, cause }: { code: string; cause?: unknown }): CliError {
  return new CliError(exitStatus.failed, message, { code, cause });
}

export async function* only(octets: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield octets;
}

// `gatehouse fernet encrypt`: a Fernet token up to 16 MiB; frames beyond that, and with --frames
// (docs/wire/fernet-frames.md), because writing or reading a token needs several copies of it in memory.
import { createFernet, createFernetFrames } from '@gatehouse/protocol';
import { usageError } from '../../exit-status.ts';
import { printJson, remark } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { checkDestination, type DeliveryFlags, type Destination, deliver, only } from './deliver.ts';
import { openInput, type Peeked, peek } from './input.ts';
import { requireKeys } from './keys.ts';

export interface FernetEncryptFlags extends DeliveryFlags {
  frames?: boolean;
}

/** The largest plaintext that becomes a token. */
const MOST_IN_A_TOKEN = 16 * 1024 * 1024;

export async function fernetEncrypt(
  this: CliContext,
  flags: FernetEncryptFlags,
  path?: string,
): Promise<void> {
  const destination = await checkDestination(flags, path);
  const keys = await requireKeys(flags.keyFile, this.process);
  if (flags.frames) requirePlace(this, flags);
  const { octets } = await openInput(path, this.process);
  const plaintext = await peek(octets, flags.frames ? 1 : MOST_IN_A_TOKEN + 1);
  const isToken = !flags.frames && plaintext.beginning.length <= MOST_IN_A_TOKEN;
  await (isToken ? writeToken : writeFrames)(this, flags, { destination, keys, plaintext });
}

interface Work {
  destination: Destination;
  keys: readonly string[];
  plaintext: Peeked;
}

async function writeToken(context: CliContext, { json }: FernetEncryptFlags, work: Work): Promise<void> {
  const { destination, keys, plaintext } = work;
  const token = await createFernet(keys).encrypt(plaintext.beginning);
  if (json && destination.out === undefined) return printJson(context.process, { form: 'token', token });
  await deliver(context, destination, only(Buffer.from(`${token}\n`)));
  report(context, { json, form: 'token', file: destination.out });
}

async function writeFrames(context: CliContext, flags: FernetEncryptFlags, work: Work): Promise<void> {
  const { destination, keys, plaintext } = work;
  if (!flags.frames) {
    requirePlace(context, flags);
    remark(context.process, 'gatehouse: more than 16 MiB: written in frames, which only Gatehouse opens');
  }
  await deliver(context, destination, createFernetFrames(keys).encrypt(plaintext.octets()));
  report(context, { json: flags.json, form: 'frames', file: destination.out });
}

/** Frames are binary: a terminal or a JSON document cannot show them. */
function requirePlace({ process }: CliContext, { out, json }: FernetEncryptFlags): void {
  if (out !== undefined || (!process.stdout.isTTY && !json)) return;
  throw usageError('frames are binary: name a file with --out');
}

function report(
  { process }: CliContext,
  { json, form, file }: { json: boolean | undefined; form: string; file: string | undefined },
): void {
  if (file === undefined) return;
  if (json) printJson(process, { form, file });
  else remark(process, `encrypted as ${form === 'token' ? 'a token' : 'frames'}: ${file}`);
}

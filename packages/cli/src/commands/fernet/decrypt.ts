// `gatehouse fernet decrypt`: the plaintext of a token or of a file of frames, unchanged. Writes only
// verified content. The library refuses all bad tokens with one error; this command gives the reason, because
// its user has the key.
import {
  createFernet,
  createFernetFrames,
  FernetError,
  isFernetFrames,
  readFernetToken,
} from '@gatehouse/protocol';
import { usageError } from '../../exit-status.ts';
import { printJson, remark } from '../../output/print.ts';
import { span } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import {
  checkDestination,
  type DeliveryFlags,
  type Destination,
  deliver,
  naming,
  only,
  refused,
} from './deliver.ts';
import { FRAMES_BEGINNING, openInput, type Peeked, peek } from './input.ts';
import { requireKeys } from './keys.ts';
import { readTokenText } from './token-text.ts';

export interface FernetDecryptFlags extends DeliveryFlags {
  /** Seconds. */
  ttl?: number;
}

export async function fernetDecrypt(
  this: CliContext,
  flags: FernetDecryptFlags,
  path?: string,
): Promise<void> {
  const destination = await checkDestination(flags, path);
  const keys = await requireKeys(flags.keyFile, this.process);
  const { name, octets } = await openInput(path, this.process);
  const content = await peek(octets, FRAMES_BEGINNING);
  const work = { destination, keys, name, content };
  await (isFernetFrames(content.beginning) ? openFrames : openToken)(this, flags, work);
  if (flags.out === undefined) return;
  if (flags.json) printJson(this.process, { file: flags.out });
  else remark(this.process, `decrypted: ${flags.out}`);
}

interface Work {
  destination: Destination;
  keys: readonly string[];
  name: string;
  content: Peeked;
}

async function openFrames(context: CliContext, flags: FernetDecryptFlags, work: Work): Promise<void> {
  const { destination, keys, name, content } = work;
  if (flags.json && flags.out === undefined)
    throw usageError('a file of frames does not fit into a JSON document: name a file with --out');
  const plaintext = createFernetFrames(keys).decrypt(content.octets(), limits(flags));
  await deliver(context, destination, naming(plaintext, name));
}

async function openToken(context: CliContext, flags: FernetDecryptFlags, work: Work): Promise<void> {
  const { destination, keys, name, content } = work;
  const token = await readTokenText(content, name);
  const plaintext = await createFernet(keys)
    .decrypt(token ?? '', limits(flags))
    .catch(async (error) => {
      if (!(error instanceof FernetError)) throw error;
      throw refused(await reasonOf(token, flags, work), error);
    });
  if (flags.json && flags.out === undefined)
    return printJson(context.process, documentOf(token ?? '', plaintext));
  await deliver(context, destination, only(plaintext));
}

function limits({ ttl }: FernetDecryptFlags): { ttlSeconds?: number } {
  return ttl === undefined ? {} : { ttlSeconds: ttl };
}

async function reasonOf(
  token: string | undefined,
  { ttl = 0 }: FernetDecryptFlags,
  { keys, name }: Work,
): Promise<string> {
  const fields = token === undefined ? undefined : readFernetToken(token);
  if (token === undefined || fields === undefined)
    return `${name} is neither a Fernet token nor a file of frames: a token is base64url and begins with gAAAA`;
  if (!(await createFernet(keys).isAuthentic(token))) {
    const which = keys.length === 1 ? 'this key' : `any of these ${keys.length} keys`;
    return `${name} cannot be decrypted with ${which}: it was made with another key, or was changed`;
  }
  const age = Math.floor(Date.now() / 1000) - fields.timeSeconds;
  if (age > ttl)
    return `the token in ${name} is ${span(age * 1000)} old, and --ttl allows ${span(ttl * 1000)}`;
  return `the token in ${name} is from ${span(-age * 1000)} in the future: compare the clocks of both machines`;
}

/** `text` is null for octets that are not UTF-8. */
function documentOf(token: string, plaintext: Uint8Array<ArrayBuffer>) {
  const { timeSeconds = 0 } = readFernetToken(token) ?? {};
  const octets = Buffer.from(plaintext);
  const text = octets.toString();
  return {
    form: 'token',
    timestamp: timeSeconds,
    text: Buffer.from(text).equals(octets) ? text : null,
    base64: octets.toString('base64'),
  };
}

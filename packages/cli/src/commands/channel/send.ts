// `gatehouse channel send URL`: one message to an encrypted endpoint whose key is verified first. Prints the
// answer of the other end, decrypted and unchanged.
import { buffer } from 'node:stream/consumers';
import { openChannel } from '@gatehouse/client/channel';
import { exitStatus, usageError } from '../../exit-status.ts';
import { readInput } from '../../input/input-file.ts';
import { printJson, remark } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { withEndpoint } from './endpoint.ts';
import { readTrust, requireKnownSigner, type TrustFlags } from './trust.ts';

export interface ChannelSendFlags extends TrustFlags {
  text?: string;
  dataFile?: string;
  json?: boolean;
}

export async function channelSend(this: CliContext, flags: ChannelSendFlags, address: string): Promise<void> {
  const { process } = this;
  const message = await readMessage(flags, process);
  await withEndpoint({ flags, address, process }, async ({ client, url }) => {
    const { trust, usualRoots } = await readTrust(flags, url.hostname, process);
    const channel = await openChannel({ transport: client, url }, trust);
    const { verified } = channel;
    if (verified) await requireKnownSigner(process, url, { trust, usualRoots, verified });
    const { status, content } = await channel.send(message);
    if (flags.json)
      printJson(process, { status, content: content ? Buffer.from(content).toString('base64') : null });
    else if (content) process.stdout.write(content);
    else remark(process, 'received; there is no answer');
    if (status >= 500) process.exitCode = exitStatus.serverError;
    else if (status >= 400) process.exitCode = exitStatus.clientError;
  });
}

async function readMessage({ text, dataFile }: ChannelSendFlags, { stdin }: CliProcess): Promise<Uint8Array> {
  if ((text === undefined) === (dataFile === undefined)) throw usageError('give --text or --data-file');
  if (dataFile === undefined) return Buffer.from(text ?? '');
  return dataFile === '-' ? buffer(stdin) : readInput(dataFile);
}

// `gatehouse channel explain [URL]`: a key exchange with small numbers, and then a real one with all its
// numbers. Its keys are made for this and used once, so they can be shown.
import { printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { type EndpointFlags, withEndpoint } from './endpoint.ts';
import { exchangeHere, exchangeWith } from './explain/exchange.ts';
import { explanation } from './explain/explanation.ts';
import { textbookExchange } from './explain/textbook.ts';

export interface ChannelExplainFlags extends EndpointFlags {
  text?: string;
  json?: boolean;
}

export async function channelExplain(
  this: CliContext,
  flags: ChannelExplainFlags,
  address?: string,
): Promise<void> {
  const { process } = this;
  const { text = DEFAULT_TEXT } = flags;
  const real =
    address === undefined
      ? await exchangeHere(text)
      : await withEndpoint({ flags, address, process }, ({ client, url }) =>
          exchangeWith({ transport: client, url }, text),
        );
  const textbook = textbookExchange();
  if (flags.json) return printJson(process, { textbook, x25519: real });
  process.stdout.write(explanation({ textbook, real }, this.screen));
}

const DEFAULT_TEXT = 'I have a dream';

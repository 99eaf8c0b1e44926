// `gatehouse lab wire`: what an eavesdropper sees: of one request to a URL, or without a URL, of one message
// that is sent in four ways.
import manifest from '../../../package.json' with { type: 'json' };
import { readRoots } from '../../connection/trust.ts';
import { usageError } from '../../exit-status.ts';
import { printJson, remark } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { readConversation } from './conversation.ts';
import { exchange } from './exchange.ts';
import { showConversation } from './show-conversation.ts';

export interface LabWireFlags {
  message: string;
  header?: readonly string[];
  all?: boolean;
  json?: boolean;
  ca?: string;
  cacert?: string;
  data?: string;
  /** Seconds. */
  timeout: number;
}

export async function labWire(this: CliContext, flags: LabWireFlags, address?: string): Promise<void> {
  if (address === undefined) {
    if (flags.message === '') throw usageError('--message needs a text');
    return (await import('./four-ways.ts')).fourWays(this, flags);
  }
  const url = parseUrl(address);
  const roots = await readRoots({ cacert: flags.ca ?? flags.cacert, data: flags.data }, this.process.env);
  const { passages, sent, received, incomplete } = await exchange(url, {
    headers: [...USUAL, ...parseHeaders(flags.header ?? [])],
    roots: roots?.pem,
    timeoutSeconds: flags.timeout,
  });
  const conversation = readConversation(passages);
  if (flags.json) {
    const { isTls, clientHello, serverHello, parts } = conversation;
    const tls = isTls
      ? {
          clientHello: clientHello ?? null,
          serverHello: serverHello ?? null,
          parts: parts.map(({ from, title, records, octets }) => ({
            from,
            title,
            records,
            bytes: octets.length,
          })),
        }
      : null;
    return printJson(this.process, {
      url: url.href,
      sent: sent.toString('base64'),
      received: received.toString('base64'),
      tls,
    });
  }
  showConversation(this, conversation, { url, all: flags.all === true });
  if (incomplete !== undefined) remark(this.process, `gatehouse: warning: ${incomplete}`);
}

const USUAL = [`User-Agent: gatehouse/${manifest.version}`, 'Accept: */*'];

function parseUrl(address: string): URL {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw usageError('URL should begin with https:// or http://');
  if (url.username !== '' || url.password !== '')
    throw usageError('URL contains a secret, and other users can read arguments');
  return url;
}

function parseHeaders(lines: readonly string[]): string[] {
  for (const line of lines) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+: ?[\t\x20-\x7e]*$/.test(line))
      throw usageError("--header should read 'Name: value'");
    if (/^(?:authorization|proxy-authorization|x-api-key|cookie):/i.test(line))
      throw usageError('--header contains a secret, and other users can read arguments');
    if (/^(?:host|connection|content-length|transfer-encoding|expect|upgrade):/i.test(line))
      throw usageError('--header names a header that the command itself sets');
  }
  return [...lines];
}

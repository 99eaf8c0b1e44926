// A recorded conversation for people: each part with its octets, and what a listener learns from it.

import { wrap } from '../../output/lines.ts';
import { print, visible } from '../../output/print.ts';
import type { Style } from '../../output/screen.ts';
import type { CliContext } from '../../process.ts';
import type { Conversation, Part } from './conversation.ts';
import { countOctets, dump, findAll } from './dump.ts';

type Context = Pick<CliContext, 'process' | 'screen'>;

const ROWS: Record<Part['kind'], number> = { clear: 40, handshake: 4, encrypted: 3 };
const STATES: Record<Part['kind'], [words: string, style: Style]> = {
  clear: ['anyone can read it', 'red'],
  handshake: ['anyone can read it', 'yellow'],
  encrypted: ['no one on the way can read it', 'green'],
};
const LABEL = 14;
const INDENT = '  ';
const COLUMNS = 80;

export function showConversation(
  context: Context,
  conversation: Conversation,
  { url, all }: { url: URL; all: boolean },
): void {
  const { process, screen } = context;
  print(process, screen.paint('bold', visible(url.href)));
  print(process, screen.paint('dim', 'as anyone on the way between client and server sees it'));
  for (const part of conversation.parts) {
    print(process, '');
    showPart(context, part, { conversation, all });
  }
  print(process, '');
  for (const line of wrap(conclusion(conversation, url), widthOf(context))) print(process, line);
}

function showPart(
  context: Context,
  part: Part,
  { conversation, all }: { conversation: Conversation; all: boolean },
): void {
  const { process, screen } = context;
  const [words, style] = STATES[part.kind];
  const arrow = part.from === 'client' ? '→ client' : '← server';
  const count = part.records > 1 ? `${part.records} records, ` : '';
  const facts = `${count}${countOctets(part.octets.length)}, ${words}`;
  print(process, `${screen.paint('bold', `${arrow}  ${part.title}`)}  ${screen.paint(style, facts)}`);
  for (const [name, value] of part.facts) showFact(context, name, value);
  const { serverName } = conversation.clientHello ?? {};
  const isHello = part.title === 'ClientHello' && serverName !== undefined;
  const lines = dump(part.octets, screen, {
    marks: isHello ? findAll(part.octets, Buffer.from(serverName, 'latin1')) : [],
    ...(all ? {} : { maxRows: ROWS[part.kind] }),
    style: part.kind === 'encrypted' ? 'dim' : undefined,
  });
  for (const line of lines) print(process, INDENT + line);
}

function showFact({ process, screen }: Context, name: string, value: string): void {
  const [first = '', ...others] = wrap(visible(value), widthOf({ screen }) - LABEL - INDENT.length);
  print(process, `${INDENT}${screen.paint('dim', name.padEnd(LABEL))}${screen.paint('yellow', first)}`);
  for (const line of others) print(process, ' '.repeat(INDENT.length + LABEL) + screen.paint('yellow', line));
}

function widthOf({ screen }: Pick<Context, 'screen'>): number {
  return Math.min(screen.columns ?? COLUMNS, 100);
}

function conclusion({ isTls, clientHello, certificate }: Conversation, { hostname }: URL): string {
  if (!isTls)
    return 'Anyone on the way can read all of it, change it, and answer in place of the server. With https, they could not do that.';
  const name = clientHello?.serverName === undefined ? '' : `the name ${visible(hostname)}, `;
  const more = certificate === undefined ? '' : "the server's certificate, ";
  return `Anyone on the way learns ${name}${more}the addresses of both sides, the time, and how much was sent. They cannot read the request and the answer, and cannot change them unnoticed.`;
}

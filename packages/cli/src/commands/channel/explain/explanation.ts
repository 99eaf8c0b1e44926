// The exchange in words, with its numbers, in lines of at most 80 characters.
import { wrap } from '../../../output/lines.ts';
import { cell } from '../../../output/print.ts';
import type { Screen, Style } from '../../../output/screen.ts';
import type { RealExchange } from './exchange.ts';
import type { Textbook } from './textbook.ts';
import type { TokenPart } from './token-parts.ts';

const WIDTH = 78;
const COLUMN = 28;
const HEX_LINE = 32;

/** The whole text. */
export function explanation(
  { textbook, real }: { textbook: Textbook; real: RealExchange },
  screen: Screen,
): string {
  const { paint } = screen;
  return [
    heading(paint, '1  Diffie-Hellman with small numbers'),
    ...smallNumbers(textbook, paint),
    '',
    heading(paint, `2  The same with X25519 (RFC 7748)${real.url === null ? '' : `, at ${cell(real.url)}`}`),
    ...largeNumbers(real, paint),
    '',
    heading(paint, '3  From the secret to a Fernet key'),
    ...keys(real, paint),
    '',
    heading(paint, '4  The message, byte by byte'),
    ...token(real, paint),
    '',
    heading(paint, '5  What others can learn'),
    ...others(real),
    '',
  ].join('\n');
}

type Paint = Screen['paint'];

function heading(paint: Paint, text: string): string {
  return paint('bold', text);
}

function paragraph(text: string): string[] {
  return wrap(text, WIDTH - 2).map((line) => `  ${line}`);
}

function smallNumbers({ p, g, client, server, search }: Textbook, paint: Paint): string[] {
  const row = (label: string, left: string, right: string) =>
    `  ${label.padEnd(10)}${left.padEnd(COLUMN)}${right}`.trimEnd();
  const tried = search.map(({ exponent, power }) => `${g}^${exponent}=${power}`).join(', ');
  return [
    ...paragraph(
      `Everyone knows p = ${p} and g = ${g}. Each side chooses a private number, and sends only the public number that it computes from it.`,
    ),
    '',
    paint('dim', row('', 'client', 'server')),
    row('private', `a = ${client.private}`, `b = ${server.private}`),
    row(
      'public',
      `A = ${g}^${client.private} mod ${p} = ${client.public}`,
      `B = ${g}^${server.private} mod ${p} = ${server.public}`,
    ),
    row('sends', `A = ${client.public}  to the server`, `B = ${server.public}  to the client`),
    row(
      'shared',
      `B^a = ${server.public}^${client.private} mod ${p} = ${client.shared}`,
      `A^b = ${client.public}^${server.private} mod ${p} = ${server.shared}`,
    ),
    '',
    ...paragraph(
      `Both now have ${client.shared}, which no one sent. Someone who listens knows ${p}, ${g}, ${client.public} and ${server.public}. With numbers this small, they can find a by trying (mod ${p}): ${tried}. With 255 bits, trying takes longer than the age of the universe.`,
    ),
  ];
}

function largeNumbers({ url, clientId, client, server, signedBy }: RealExchange, paint: Paint): string[] {
  const own = (text: string | null, otherwise: string) => text ?? paint('dim', otherwise);
  return [
    ...paragraph(
      'The numbers are points of a curve now, of 32 bytes each, in hex. The private ones were made for this exchange, and are used once.',
    ),
    '',
    ...(clientId === null ? [] : [`  client_id  ${cell(clientId)}`, '']),
    '  client',
    `    private  ${client.private}`,
    `    public   ${client.public}`,
    '  server',
    `    private  ${own(server.private, 'only the server has it, and no answer contains it')}`,
    `    public   ${server.public}`,
    '  shared secret',
    `    client   ${paint('green', client.shared ?? '')}`,
    `    server   ${server.shared === null ? paint('dim', 'the same: it has opened the message below') : paint('green', server.shared)}`,
    ...(url === null ? [] : ['', ...paragraph(signatureText(signedBy))]),
  ];
}

function signatureText(signedBy: string | null): string {
  if (signedBy === null) {
    return 'The key of the server is not signed. Someone on the way could have replaced it with their own key, and could then read the messages.';
  }
  return `The key of the server is signed by ${cell(signedBy)}. 'gatehouse channel verify' checks whether that is the right one.`;
}

function keys({ fernet }: RealExchange, paint: Paint): string[] {
  return [
    ...paragraph('A Fernet key is 32 bytes in base64url. The shared secret is used as it is.'),
    '',
    `  key       ${paint('green', fernet.key)}`,
    `  signs     ${fernet.signing}  HMAC-SHA256`,
    `  encrypts  ${fernet.encryption}  AES-128-CBC`,
  ];
}

const STYLES: Readonly<Record<TokenPart['name'], Style>> = {
  version: 'bold',
  time: 'yellow',
  'initialisation vector': 'cyan',
  ciphertext: 'red',
  mac: 'green',
};

function token({ message, token: { text, parts } }: RealExchange, paint: Paint): string[] {
  return [
    ...paragraph(`The message is ${JSON.stringify(cell(message))}. The client sends it as this token:`),
    '',
    ...slices(text, WIDTH - 2).map((line) => `  ${line}`),
    '',
    paint('dim', `  ${'from'.padStart(4)} ${'bytes'.padStart(6)}  part and content`),
    ...parts.flatMap((part) => partLines(part, paint)),
  ];
}

function partLines({ name, offset, length, hex, meaning }: TokenPart, paint: Paint): string[] {
  const position = `  ${String(offset).padStart(4)} ${String(length).padStart(6)}  `;
  const content = slices(hex, HEX_LINE * 2).map((line) => `${' '.repeat(position.length)}${line}`);
  return [
    `${position}${paint(STYLES[name], name)}: ${meaning}`,
    ...content.map((line) => paint(STYLES[name], line)),
  ];
}

function others({ url, wire }: RealExchange): string[] {
  const texts = [
    'Someone who only listens has both public keys and the token, and learns the time of the message and its approximate length.',
    'Someone who can change the messages can offer their own key to each side. Only a verified key prevents that: HTTPS, a pin, or a signature.',
    'Anyone who has seen a token can send it again. Gatehouse accepts each token once, and only for a minute.',
  ];
  const seen = wire.map(
    ({ request, answer }) => `  ${request.method.padEnd(4)} ${answer.status}  ${summary(request.body)}`,
  );
  return [
    ...texts.flatMap(paragraph),
    ...(url === null ? [] : ['', ...paragraph(`The command sent this to ${cell(url)}:`), ...seen]),
  ];
}

function summary(body: Readonly<Record<string, unknown>> | null): string {
  return body === null ? 'asks for a key' : `sends ${Object.keys(body).join(', ')}`;
}

function slices(text: string, length: number): string[] {
  return text.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
}

// The protocol of a port without TLS: found from its first octets, or from its answer to an HTTP request.
import { connect } from 'node:net';
import { cell } from '../../output/print.ts';
import { authorityOf, type Target } from './target.ts';

/** A sentence about the port and what to do; undefined if the port sends nothing. */
export async function otherProtocol(target: Target, timeoutSeconds: number): Promise<string | undefined> {
  const words =
    (await listen(target, { seconds: timeoutSeconds, request: '' })) ||
    (await askHttp(target, timeoutSeconds));
  if (words === '') return undefined;
  const authority = authorityOf(target);
  const [, name, advice] = PROTOCOLS.find(([pattern]) => pattern.test(words)) ?? [];
  if (name === undefined)
    return `${authority} does not use TLS: it sent ${cell(JSON.stringify(words.slice(0, 40)))}`;
  return `${authority} speaks ${name} and not TLS: ${advice?.replace('AUTHORITY', authority)}`;
}

const OWN_PORT = 'inspect the port that uses TLS';

const PROTOCOLS: readonly (readonly [pattern: RegExp, name: string, advice: string])[] = [
  [/^HTTP\//, 'plain HTTP', `use http://AUTHORITY, or ${OWN_PORT}`],
  [/^SSH-/, 'SSH', 'SSH has no certificates of X.509; inspect another port'],
  [/^220[ -].*(?:SMTP|Postfix|Exim|Sendmail)/i, 'SMTP', `${OWN_PORT}, which is usually 465`],
  [/^220[ -]/, 'FTP or SMTP', `${OWN_PORT}, which is usually 990 or 465`],
  [/^\+OK/, 'POP3', `${OWN_PORT}, which is usually 995`],
  [/^\* (?:OK|PREAUTH)/, 'IMAP', `${OWN_PORT}, which is usually 993`],
  [/^RFB /, 'VNC', OWN_PORT],
  [/^.{4}\n?[58]\.\d+\.\d+/s, 'the protocol of MySQL', OWN_PORT],
];

function askHttp(target: Target, seconds: number): Promise<string> {
  return listen(target, { seconds, request: `HEAD / HTTP/1.0\r\nHost: ${authorityOf(target)}\r\n\r\n` });
}

const MAX_BYTES = 256;
const BANNER_SECONDS = 0.5;

/** The first octets; an empty string if none arrive in time. */
function listen(
  { host, port }: Target,
  { seconds, request }: { seconds: number; request: string },
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, host, () => socket.write(request));
  let received = '';
  const limit = request === '' ? Math.min(seconds, BANNER_SECONDS) : seconds;
  const timer = setTimeout(() => socket.destroy(), limit * 1000);
  socket.on('data', (chunk) => {
    received = (received + chunk.toString('latin1')).slice(0, MAX_BYTES);
    if (received.length >= MAX_BYTES || received.includes('\n')) socket.destroy();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearTimeout(timer);
    resolve(received);
  });
  return promise;
}

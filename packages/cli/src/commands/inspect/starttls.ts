// The messages before TLS in protocols that begin in plain text: SMTP (RFC 3207), IMAP and POP3 (RFC 2595),
// FTP (RFC 4217) and PostgreSQL. Refuses octets that come before the handshake, because an attacker in
// between could have added them.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CliError, exitStatus } from '../../exit-status.ts';
import { cell } from '../../output/print.ts';
import type { StartTls } from './starttls-protocols.ts';

/** A message, and its answer, which must match completely. Without a message, the server begins. */
type Step = readonly [words: string, answer: RegExp];

const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex').toString('latin1');

const DIALOGUES: Readonly<Record<StartTls, readonly Step[]>> = {
  smtp: [
    ['', /^(?:220-.*\r?\n)*220 .*\r?\n$/],
    ['EHLO gatehouse.invalid\r\n', /^(?:250-.*\r?\n)*250 .*\r?\n$/],
    ['STARTTLS\r\n', /^220 .*\r?\n$/],
  ],
  imap: [
    ['', /^\* OK.*\r?\n$/],
    ['a STARTTLS\r\n', /^(?:\* .*\r?\n)*a OK.*\r?\n$/],
  ],
  pop3: [
    ['', /^\+OK.*\r?\n$/],
    ['STLS\r\n', /^\+OK.*\r?\n$/],
  ],
  ftp: [
    ['', /^(?:220-.*\r?\n|\s.*\r?\n)*220 .*\r?\n$/],
    ['AUTH TLS\r\n', /^234 .*\r?\n$/],
  ],
  postgres: [[SSL_REQUEST, /^S$/]],
};

const MOST_OCTETS = 8192;

/** A connection that is ready for the handshake. Rejects with the error of the socket, or with `CliError`. */
export async function openPlain(
  { host, port, startTls }: { host: string; port: number; startTls: StartTls },
  seconds: number,
): Promise<Socket> {
  const socket = connect(port, host);
  const late = Object.assign(new Error(`no answer within ${seconds} s`), { code: 'ETIMEDOUT' });
  const timer = setTimeout(() => socket.destroy(late), seconds * 1000);
  try {
    await once(socket, 'connect');
    for (const step of DIALOGUES[startTls]) await converse(socket, step, startTls);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function converse(socket: Socket, [words, answer]: Step, protocol: StartTls): Promise<void> {
  if (words !== '') socket.write(words, 'latin1');
  let received = '';
  for (;;) {
    const chunk: Buffer | null = socket.read();
    if (chunk !== null) received += chunk.toString('latin1');
    if (answer.test(received)) return;
    if (isOver(received, protocol) || received.length > MOST_OCTETS) throw refused(protocol, received);
    if (chunk !== null) continue;
    if (socket.readableEnded || socket.destroyed) throw socket.errored ?? refused(protocol, received);
    await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')]);
  }
}

/** A refusal: a complete last line that is not the expected answer. */
function isOver(received: string, protocol: StartTls): boolean {
  if (protocol === 'postgres') return received !== '';
  const last = received.endsWith('\n') ? (received.trimEnd().split('\n').at(-1) ?? '') : '';
  return /^(?:[45]\d\d |-ERR|a (?:NO|BAD)|\* BYE|HTTP\/|SSH-)/.test(last);
}

function refused(protocol: StartTls, received: string): CliError {
  const said =
    received === '' ? 'it closed the connection' : `it says ${cell(JSON.stringify(received.slice(0, 60)))}`;
  return new CliError(
    exitStatus.connect,
    `the server does not start TLS in ${protocol}: ${said}; check the port and the protocol`,
  );
}

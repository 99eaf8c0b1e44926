// A TLS connection of a client that costs little: it writes prepared octets and reads no more of an answer
// than its status and its length.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';

export interface Gateway {
  port: number;
  /** PEM of the root certificate. */
  ca: string;
}

/**
 * Connects to one gateway. One full handshake in four offers a post-quantum group, which costs both sides
 * more.
 */
export interface Connector {
  /** A full handshake. */
  open(): Promise<Client>;
  /** A handshake with the ticket of an earlier connection, if there is one. */
  resume(): Promise<Client>;
}

const GROUPS = ['X25519MLKEM768:X25519', 'X25519', 'X25519', 'X25519'];
const SILENCE_MS = 30_000;
const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\nContent-Length: (\d+)/i;

export function createConnector({ port, ca }: Gateway): Connector {
  const contexts = GROUPS.map((ecdhCurve) => createSecureContext({ ca, ecdhCurve }));
  let ticket: Buffer | undefined;
  let opened = 0;

  async function open(session: Buffer | undefined): Promise<Client> {
    const plain = connect({ host: '127.0.0.1', port, noDelay: true });
    const secureContext = contexts[opened++ % contexts.length];
    const offer = { secureContext, servername: 'localhost', ALPNProtocols: ['http/1.1'] };
    const socket = connectTls({ socket: plain, ...offer, session });
    socket.on('session', (next) => {
      ticket = next;
    });
    const client = new Client(plain, socket);
    await client.ready;
    return client;
  }

  return { open: () => open(undefined), resume: () => open(ticket) };
}

/** One connection, with one request under way at a time. */
export class Client {
  readonly ready: Promise<void>;
  readonly #plain: Socket;
  readonly #socket: TLSSocket;
  #settle: { resolve(status: number): void; reject(error: Error): void } | undefined;
  #status = 0;
  #head = '';
  /** The missing octets of the answer's body; undefined before its head is complete. */
  #left: number | undefined;

  constructor(plain: Socket, socket: TLSSocket) {
    this.#plain = plain;
    this.#socket = socket;
    this.ready = once(socket, 'secureConnect').then(() => {});
    socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error('the gateway was silent')));
    socket.on('data', (octets: Buffer) => this.#read(octets));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection ended before the answer')));
  }

  /** The status of the answer, when its body has come. */
  exchange(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) reject(new Error('the connection ended before the request'));
      this.#settle = { resolve, reject };
      this.#head = '';
      this.#left = undefined;
      this.#socket.write(request);
    });
  }

  /** Writes `request`, and resolves when a part of the answer comes, or after `waitMs`. */
  async begin(request: Buffer, waitMs: number): Promise<void> {
    this.#socket.write(request);
    const signal = AbortSignal.timeout(waitMs);
    await once(this.#socket, 'data', { signal }).catch(() => {});
  }

  /** Ends the connection abruptly, like a client that crashes. */
  reset(): void {
    this.#settle = undefined;
    this.#plain.resetAndDestroy();
    this.#socket.destroy();
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #read(octets: Buffer): void {
    if (this.#settle === undefined) return;
    if (this.#left === undefined) {
      const rest = this.#readHead(octets);
      if (rest === undefined) return;
      this.#left = rest;
    } else this.#left -= octets.length;
    if (this.#left < 0) this.#fail(new Error('more came than the answer'));
    else if (this.#left === 0) this.#finish();
  }

  /** The missing octets of the body, or undefined if the head is not complete. */
  #readHead(octets: Buffer): number | undefined {
    this.#head += octets.toString('latin1');
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return undefined;
    const length = LENGTH.exec(this.#head)?.[1];
    if (length === undefined) return this.#fail(new Error(`an answer without a length: ${this.#head}`));
    this.#status = Number(this.#head.slice(9, 12));
    return Number(length) - (this.#head.length - end - HEAD_END.length);
  }

  #finish(): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve(this.#status);
  }

  #fail(error: Error): undefined {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.reject(error);
  }
}

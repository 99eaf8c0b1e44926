// One of the four ways to send a message.
import type { Exchange } from './exchange.ts';

export interface Way {
  /** For programs. */
  name: 'http' | 'fernet' | 'tls' | 'sealed';
  title: string;
  /** Of the message. */
  path: string;
  isTls: boolean;
  exchange: Exchange;
  /** The message that the client reads. */
  read: string;
}

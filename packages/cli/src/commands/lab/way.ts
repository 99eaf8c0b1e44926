// One of the four ways that a message takes.
import type { Exchange } from './exchange.ts';

export interface Way {
  /** For programs. */
  name: 'http' | 'fernet' | 'tls' | 'sealed';
  title: string;
  /** Of the message. */
  path: string;
  isTls: boolean;
  exchange: Exchange;
  /** The message as the client reads it. */
  read: string;
}

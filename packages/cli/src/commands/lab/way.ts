// One of the four ways that a message takes.
import type { Exchange } from './exchange.ts';

export interface Way {
  /** For programs. */
  name: 'http' | 'fernet' | 'tls' | 'sealed';
  title: string;
  /** The path of the request. */
  path: string;
  isTls: boolean;
  exchange: Exchange;
}

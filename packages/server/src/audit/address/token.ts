// The bearer token for the address of the witness (RFC 6750 §2.1), from a file.
import { readFileSync } from 'node:fs';

/** RFC 6750 §2.1: other characters do not fit into the header field. */
const BEARER = /^[\w.~+/-]+=*$/;

/**
 * Read for each request, so that a replaced file needs no restart. Throws Node's error, or an error about the
 * content that never quotes it.
 */
export function readToken(file: string): string {
  const token = readFileSync(file, 'utf8').trim();
  if (BEARER.test(token)) return token;
  throw new Error('it has no bearer token on one line (RFC 6750 §2.1)');
}

// Reads the HMAC key of an external account from a file: base64url, as directories give it.
import { readFileSync } from 'node:fs';
import { readingProblem } from '../../platform/problems/file-problem.ts';
import { OrderFailure } from '../failure.ts';
import type { ExternalAccount } from './account.ts';

const SHORTEST_OCTETS = 16;

/** Read for each order, so that a corrected file needs no restart. Throws `OrderFailure`. */
export function readExternalAccount(eab: { keyId: string; hmacKeyFile: string }): ExternalAccount {
  const { keyId, hmacKeyFile } = eab;
  const hmacKey = decoded(hmacKeyFile, textOf(hmacKeyFile));
  return { keyId, hmacKey };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = readingProblem(error) ?? (error as Error).message;
    throw new OrderFailure(`${file} (eab.hmacKeyFile) cannot be read: ${reason}.`, { cause: error });
  }
}

function decoded(file: string, text: string): Uint8Array {
  const octets = /^[\w+/-]+=*$/.test(text) ? Buffer.from(text, 'base64url') : Buffer.alloc(0);
  if (octets.length >= SHORTEST_OCTETS) return octets;
  throw new OrderFailure(
    `${file} (eab.hmacKeyFile) has no HMAC key in base64url of ${SHORTEST_OCTETS} octets or more.`,
  );
}

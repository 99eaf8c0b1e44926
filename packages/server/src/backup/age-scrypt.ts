// Encryption with a passphrase in age: scrypt (RFC 7914) makes the key that wraps the key of the file.
// Refuses work factors that would take too much memory, and files that also have another recipient.
import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Identity, Recipient, Stanza } from './age-stanza.ts';
import { base64, decodeBase64, unwrap, wrap } from './age-stanza.ts';
import { ALTERED, unreadable } from './unreadable.ts';

/** The binary logarithm of scrypt's cost: 128 MiB and about a second, as OWASP recommends for passwords. */
const WORK_FACTOR = 17;

/** One GiB. Our own files never need more. */
const MAX_WORK_FACTOR = 20;
const SALT_BYTES = 16;
const TYPE = 'scrypt';

export function passphraseRecipient(passphrase: string, workFactor = WORK_FACTOR): Recipient {
  return {
    async wrap(fileKey) {
      const salt = randomBytes(SALT_BYTES);
      const wrapKey = await stretch(passphrase, salt, workFactor);
      return { words: [TYPE, base64(salt), String(workFactor)], body: wrap(wrapKey, fileKey) };
    },
  };
}

export function passphraseIdentity(passphrase: string): Identity {
  return {
    async unwrap(stanzas) {
      const { salt, workFactor, body } = parse(stanzas);
      const fileKey = unwrap(await stretch(passphrase, salt, workFactor), body);
      if (fileKey !== undefined) return fileKey;
      throw unreadable(
        'cannot be decrypted with this passphrase: give the passphrase with which it was made (or its first lines were altered)',
      );
    },
  };
}

/** A passphrase is the only recipient of its file (c2sp.org/age). */
function parse(stanzas: readonly Stanza[]): { salt: Buffer; workFactor: number; body: Buffer } {
  const [only, ...others] = stanzas;
  const [type, salt, factor = '', ...more] = only?.words ?? [];
  if (stanzas.every(({ words }) => words[0] !== TYPE))
    throw unreadable('is encrypted to recipients, not with a passphrase: give --identity-file');
  if (only === undefined || others.length > 0 || type !== TYPE) throw unreadable(ALTERED);
  if (more.length > 0 || !/^[1-9]\d?$/.test(factor)) throw unreadable(ALTERED);
  const workFactor = Number(factor);
  if (workFactor > MAX_WORK_FACTOR)
    throw unreadable(`has the work factor ${workFactor}; more than ${MAX_WORK_FACTOR} takes too much memory`);
  return { salt: decodeBase64(salt, SALT_BYTES), workFactor, body: only.body };
}

const stretchAsync = promisify<string, Buffer, number, object, Buffer>(scrypt);

async function stretch(passphrase: string, salt: Buffer, workFactor: number): Promise<Buffer> {
  const N = 2 ** workFactor;
  const r = 8;
  const labelled = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), salt]);
  // Node refuses a cost that needs exactly the limit, so the limit is twice as large.
  return stretchAsync(passphrase, labelled, 32, { N, r, p: 1, maxmem: 2 * 128 * N * r + 1024 * 1024 });
}

// Encrypts and decrypts a backup with a passphrase, or for recipients. The result is an ordinary age file
// (c2sp.org/age), so the program `age` can open a backup without Gatehouse.
import type { Header } from './age-header.ts';
import { readHeader } from './age-header.ts';
import { openPayload, sealPayload } from './age-payload.ts';
import type { Identity } from './age-stanza.ts';
import { createOctetReader } from './octet-reader.ts';

/** The octets of the encrypted file. */
export async function* encrypt(
  source: AsyncIterable<Uint8Array>,
  { octets, fileKey }: Header,
): AsyncGenerator<Buffer> {
  yield octets;
  yield* sealPayload(fileKey, source);
}

/**
 * The decrypted content. Throws `backup_unreadable` if `identity` does not open the file, or if the file was
 * altered. It may throw at the end, so the content is complete only after that.
 */
export async function* decrypt(
  source: AsyncIterable<Uint8Array>,
  identity: Identity,
): AsyncGenerator<Buffer> {
  const reader = createOctetReader(source);
  try {
    yield* openPayload(await readHeader(reader, identity), reader);
  } finally {
    await reader.close();
  }
}

/** Opens the file whose header was just created, to read it back without the secret key of a recipient. */
export function knownKey({ fileKey }: Header): Identity {
  return { unwrap: async () => fileKey };
}

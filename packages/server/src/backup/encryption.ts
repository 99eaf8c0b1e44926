// Encrypts and decrypts a backup with a passphrase. The result is an ordinary age file (c2sp.org/age), so the
// program `age` can open a backup without Gatehouse.
import { createHeader, readHeader, WORK_FACTOR } from './age-header.ts';
import { openPayload, sealPayload } from './age-payload.ts';
import { createOctetReader } from './octet-reader.ts';

/** The octets of the encrypted file. */
export async function* encrypt(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
  workFactor: number = WORK_FACTOR,
): AsyncGenerator<Buffer> {
  const { octets, fileKey } = await createHeader(passphrase, workFactor);
  yield octets;
  yield* sealPayload(fileKey, source);
}

/**
 * The decrypted content. Throws `backup_unreadable` for another passphrase and for an altered file, also at
 * its end: until then the content is not complete.
 */
export async function* decrypt(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Buffer> {
  const reader = createOctetReader(source);
  try {
    yield* openPayload(await readHeader(reader, passphrase), reader);
  } finally {
    await reader.close();
  }
}

// Opens the sealed secrets of a data folder by their description (docs/wire/sealed-secret.md), so that tests
// know which secrets must not be in other places.
import { createPrivateKey, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { compactDecrypt } from 'jose';

/** Every secret by its name. */
export async function openSecrets(data: string): Promise<Map<string, Buffer>> {
  const masterKey = Buffer.from(readFileSync(join(data, 'master.key'), 'utf8'), 'base64');
  const database = new DatabaseSync(join(data, 'gatehouse.db'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT name, sealed FROM sealed_secrets').all() as {
      name: string;
      sealed: string;
    }[];
    const secrets = rows.map(async ({ name, sealed }) => {
      const key = new Uint8Array(hkdfSync('sha256', masterKey, '', `gatehouse:seal:${name}`, 32));
      return [name, Buffer.from((await compactDecrypt(sealed, key)).plaintext)] as const;
    });
    return new Map(await Promise.all(secrets));
  } finally {
    database.close();
  }
}

/** The private scalar of an EC or Ed25519 key, which is PKCS#8 or SEC 1 in DER or PEM. */
export function privateScalar(secret: Buffer): Buffer {
  const isPem = secret.subarray(0, 5).toString() === '-----';
  const key = isPem
    ? createPrivateKey(secret.toString())
    : createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
  const { d = '' } = key.export({ format: 'jwk' });
  return Buffer.from(d, 'base64url');
}

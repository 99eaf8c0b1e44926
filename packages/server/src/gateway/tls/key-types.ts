// The types of keys in certificates.
import { X509Certificate } from 'node:crypto';

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Node's names of the types: `ec`, `ml-dsa-65`; `unknown` for types that Node does not know. */
export function keyTypesOf(pem: string): string[] {
  return [...new Set(Array.from(pem.matchAll(PEM_BLOCK), ([block]) => keyTypeOf(block)))];
}

function keyTypeOf(pem: string): string {
  const certificate = new X509Certificate(pem);
  try {
    return certificate.publicKey.asymmetricKeyType ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

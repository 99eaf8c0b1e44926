// Whether a connection must be checked for revocation. Most need no check, and then the code that reads
// certificates is not loaded.
import type { X509Certificate } from 'node:crypto';
import type { RevocationSettings } from './settings.ts';

/** id-pe-tlsfeature in DER (RFC 7633 §6). */
const TLS_FEATURE = Buffer.from('06082b06010505070118', 'hex');

/** Also true if these octets are elsewhere in the certificate: the check itself reads the extension. */
export function needsRevocationCheck(
  leaf: X509Certificate | undefined,
  staple: Buffer | undefined,
  { mode, lists }: RevocationSettings,
): boolean {
  if (mode !== 'stapled' || lists.length > 0 || staple !== undefined) return true;
  return leaf?.raw.includes(TLS_FEATURE) === true;
}

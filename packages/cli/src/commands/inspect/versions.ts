// Which versions of TLS a server accepts: one connection for each. It offers every cipher suite of OpenSSL,
// so that a refusal is about the version.
import type { SecureVersion } from 'node:tls';
import { shakeHands } from './handshake.ts';
import type { Target } from './target.ts';

const VERSIONS: readonly SecureVersion[] = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'];

/** By the names of Node, the newest first. */
export async function acceptedVersions(
  target: Target,
  timeoutSeconds: number,
): Promise<Record<string, boolean>> {
  const answers = await Promise.all(
    VERSIONS.map(async (version) => {
      const offer = { minVersion: version, maxVersion: version, ciphers: 'ALL@SECLEVEL=0' };
      const isAccepted = await shakeHands(target, { timeoutSeconds, offer }).then(
        () => true,
        () => false,
      );
      return [version, isAccepted] as const;
    }),
  );
  return Object.fromEntries(answers);
}

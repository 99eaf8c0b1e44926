// Certificates with any extensions, right or wrong, made by openssl.
import { spawnSync } from 'node:child_process';

/** The reason to skip a test, for its option `skip`; or `false`. */
export const skipWithoutOpenssl =
  spawnSync('openssl', ['version']).status === 0 ? false : 'needs openssl (apt-get install openssl)';

/** `extensions` as for `openssl req -addext`, and further arguments. */
export function selfSigned(
  extensions: readonly string[],
  others: readonly string[] = [],
): { key: string; cert: string } {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '-'];
  const more = extensions.flatMap((extension) => ['-addext', extension]);
  const args = ['req', '-x509', ...key, '-subj', '/CN=challenge', '-days', '2', ...more, ...others];
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
  return { key: stdout, cert: stdout };
}

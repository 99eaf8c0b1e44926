// Python's cryptography as an oracle: its path validation does not use openssl's. Tests that need it are
// skipped without it.
import { spawnSync } from 'node:child_process';

/** For the `skip` option of a test: the reason to skip, or `false`. */
export const skipWithoutCryptography =
  spawnSync('python3', ['-c', 'from cryptography.x509.verification import PolicyBuilder']).status === 0
    ? false
    : 'needs python3 with cryptography 42 or later (pip install cryptography)';

/** Runs a script that reads one JSON document and prints one. */
export function python<T>(script: string, input: unknown): T {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`python3: ${stderr}`);
  return JSON.parse(stdout) as T;
}

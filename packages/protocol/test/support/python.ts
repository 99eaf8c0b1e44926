// Python with the `cryptography` package, as a second implementation.
import { spawnSync } from 'node:child_process';

/** False if python3 and its `cryptography` are installed, otherwise what to install. */
export function missingPyca(): string | false {
  const { status } = spawnSync('python3', ['-c', 'import cryptography.fernet']);
  return status === 0 ? false : 'needs python3 and cryptography (apt-get install python3-cryptography)';
}

/** Runs a script with JSON on its standard input, and parses its output. Throws if it fails. */
export function runPython(script: string, input: unknown): unknown {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`python3 failed: ${stderr}`);
  return JSON.parse(stdout);
}

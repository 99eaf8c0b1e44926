// Certificates of openssl for tests: a root, and certificates that it signs, in a temporary folder.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const needsOpenssl = 'needs openssl (apt-get install openssl)';

export interface Authority {
  /** PEM. */
  root: string;
  rootFile: string;
  /** A key and a certificate for `commonName`. Without `alternativeNames` it has no subjectAltName. */
  issue(
    commonName: string,
    options?: { alternativeNames?: string; days?: number },
  ): { key: string; cert: string };
  remove(): void;
}

export function hasOpenssl(): boolean {
  return spawnSync('openssl', ['version']).status === 0;
}

export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-certificates-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const rootExtensions = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'root.key',
    '-out',
    'root.pem',
    '-subj',
    '/CN=Test Root',
    ...rootExtensions,
  );
  let serial = 0;
  return {
    root: readFileSync(path('root.pem'), 'utf8'),
    rootFile: path('root.pem'),
    issue(commonName, { alternativeNames, days = 2 } = {}) {
      serial += 1;
      const name = `leaf-${serial}`;
      const extensions = alternativeNames === undefined ? '' : `subjectAltName=${alternativeNames}\n`;
      writeFileSync(path(`${name}.ext`), `basicConstraints=critical,CA:FALSE\n${extensions}`);
      openssl(
        'req',
        ...newKey,
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${commonName}`,
      );
      const signing = [
        '-CA',
        'root.pem',
        '-CAkey',
        'root.key',
        '-extfile',
        `${name}.ext`,
        '-days',
        String(days),
      ];
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signing);
      return {
        key: readFileSync(path(`${name}.key`), 'utf8'),
        cert: readFileSync(path(`${name}.pem`), 'utf8'),
      };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

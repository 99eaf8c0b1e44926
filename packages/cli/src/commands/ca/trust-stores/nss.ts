// The databases of NSS, in which Firefox and Chromium on Linux store their roots: one for each user, one for
// each Firefox profile. NSS's own `certutil` changes them. Refuses the format from before 2018.
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { decodePem, encodePem } from '@gatehouse/x509';
import {
  type Root,
  type Run,
  runWell,
  type Surroundings,
  shellLine,
  type TrustStore,
  TrustStoreError,
  type Unusable,
} from './store.ts';

/** Every database of this user, or the reason why there is none. */
export function findNssDatabases({ platform, home, run }: Surroundings): (TrustStore | Unusable)[] {
  const folders = databaseFolders(platform, home);
  if (folders.length === 0)
    return [unusable('there is no database of Firefox or Chromium: start the browser once')];
  if (run(['certutil', '--version']).reason.includes('ENOENT')) return [unusable(needsCertutil(platform))];
  return folders.map((folder) =>
    existsSync(join(folder, 'cert9.db')) ? createNssDatabase(folder, run) : outdated(folder),
  );
}

/** Below the home folder. Snaps and flatpaks have their own home folders. */
const SHARED_DATABASES = ['.pki/nssdb', 'snap/*/current/.pki/nssdb', '.var/app/*/.pki/nssdb'];
const FIREFOX_PROFILES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    '.mozilla/firefox/*',
    '.config/mozilla/firefox/*',
    'snap/firefox/common/.mozilla/firefox/*',
    '.var/app/org.mozilla.firefox/.mozilla/firefox/*',
    '.thunderbird/*',
  ],
  darwin: ['Library/Application Support/Firefox/Profiles/*'],
};

function databaseFolders(platform: NodeJS.Platform, home: string): string[] {
  const patterns = [...SHARED_DATABASES, ...(FIREFOX_PROFILES[platform] ?? [])];
  const found = globSync(
    patterns.map((pattern) => `${pattern}/cert[89].db`),
    { cwd: home },
  );
  return [...new Set(found.map((path) => join(home, path, '..')))].sort();
}

function createNssDatabase(folder: string, run: Run): TrustStore {
  const certutil = (...args: string[]) => ['certutil', ...args, '-d', `sql:${folder}`];
  // C: trusted for server certificates, not for mail and code.
  const adding = ({ label }: Root) => certutil('-A', '-n', label, '-t', 'C,,', '-a');
  const removing = ({ label }: Root) => certutil('-D', '-n', label);
  const holds = async (root: Root) => isSame(run(certutil('-L', '-n', root.label, '-a')).stdout, root);
  return {
    kind: 'nss',
    name: `NSS (${folder})`,
    holds,
    async add(root) {
      runWell(run, adding(root), root.pem);
      if (!(await holds(root)))
        throw new TrustStoreError(
          'another program has added the root under another name, so the command did not remove it',
        );
    },
    async remove(root) {
      runWell(run, removing(root));
    },
    command(root, undo) {
      if (undo) return shellLine(removing(root));
      return root.path && shellLine([...adding(root), '-i', root.path]);
    },
  };
}

/** `certutil -a` prints other line ends. */
function isSame(printed: string, { pem }: Root): boolean {
  const [block] = decodePem(printed.replaceAll('\r', ''));
  return block !== undefined && encodePem('CERTIFICATE', block.bytes) === pem;
}

function needsCertutil(platform: NodeJS.Platform): string {
  const install = platform === 'darwin' ? 'brew install nss' : 'apt-get install libnss3-tools, or nss-tools';
  return `it needs the program certutil: ${install}`;
}

function unusable(reason: string): Unusable {
  return { kind: 'nss', name: 'Firefox and Chromium', reason };
}

function outdated(folder: string): Unusable {
  return { kind: 'nss', name: `NSS (${folder})`, reason: 'its format is outdated: start the browser once' };
}

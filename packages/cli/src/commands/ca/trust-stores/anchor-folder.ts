// The system's store on Linux: a folder of trust anchors, and a program that converts them for OpenSSL,
// GnuTLS and others.

import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  NotPermitted,
  type Root,
  type Run,
  runWell,
  shellLine,
  type TrustStore,
  type Unusable,
} from './store.ts';

export interface AnchorFolder {
  folder: string;
  /** The ending that the program expects of a certificate's file name. */
  ending: string;
  /** The program that reads a new certificate. */
  update: readonly string[];
  /** The same after a removal, if that differs. */
  updateAfterRemoval?: readonly string[];
}

/** The folders of the distributions. The first that exists is used. */
export const anchorFolders: readonly AnchorFolder[] = [
  { folder: '/etc/pki/ca-trust/source/anchors', ending: '.pem', update: ['update-ca-trust', 'extract'] },
  {
    folder: '/usr/local/share/ca-certificates',
    ending: '.crt',
    update: ['update-ca-certificates'],
    updateAfterRemoval: ['update-ca-certificates', '--fresh'], // without it, broken links remain
  },
  {
    folder: '/etc/ca-certificates/trust-source/anchors',
    ending: '.crt',
    update: ['trust', 'extract-compat'],
  },
  { folder: '/etc/pki/trust/anchors', ending: '.pem', update: ['update-ca-certificates'] },
];

export function findAnchorFolder(folders: readonly AnchorFolder[], run: Run): TrustStore | Unusable {
  const found = folders.find(({ folder }) => existsSync(folder));
  if (found !== undefined) return createAnchorFolder(found, run);
  const looked = folders.map(({ folder }) => folder).join(', ');
  return { kind: 'system', name: 'the system', reason: `none of these folders exists: ${looked}` };
}

function createAnchorFolder(place: AnchorFolder, run: Run): TrustStore {
  const { folder, ending, update, updateAfterRemoval = update } = place;
  const pathOf = ({ label }: Root) => join(folder, `${label}${ending}`);
  return {
    kind: 'system',
    name: `the system (${folder})`,
    holds: async (root) => (await contentOf(pathOf(root))) === root.pem,
    async add(root) {
      const path = pathOf(root);
      await writeFile(path, root.pem, { mode: 0o644 }).catch(requirePermission);
      try {
        runWell(run, update);
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },
    async remove(root) {
      await rm(pathOf(root), { force: true }).catch(requirePermission);
      runWell(run, updateAfterRemoval);
    },
    command(root, undo) {
      if (!undo && root.path === undefined) return undefined;
      const path = pathOf(root);
      const change = undo ? ['rm', path] : ['install', '-m', '644', root.path ?? '', path];
      return `sudo ${shellLine(change)} && sudo ${shellLine(undo ? updateAfterRemoval : update)}`;
    },
  };
}

async function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

function requirePermission(error: NodeJS.ErrnoException): never {
  if (error.code !== 'EACCES' && error.code !== 'EPERM' && error.code !== 'EROFS') throw error;
  throw new NotPermitted('only the superuser may change it', { cause: error });
}

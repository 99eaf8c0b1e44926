// Strong entity tags of files (RFC 9110 §8.8.3): the SHA-256 of the content. A digest is stored until inode,
// size or time of change differ, so that each content is read once.
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

export interface FileDigests {
  /** The entity tag of the open file with this name. */
  etagOf(name: string, handle: FileHandle): Promise<string>;
  /** Removes the digest of a file that no longer exists. */
  forget(name: string): void;
}

interface Digest {
  identity: string;
  etag: string;
}

/** Creates an empty store of digests. */
export function createFileDigests(): FileDigests {
  const digests = new Map<string, Digest>();
  return {
    async etagOf(name, handle) {
      const identity = await identify(handle);
      const known = digests.get(name);
      if (known?.identity === identity) return known.etag;
      const etag = await hashContent(handle);
      digests.set(name, { identity, etag });
      return etag;
    },
    forget: (name) => void digests.delete(name),
  };
}

async function identify(handle: FileHandle): Promise<string> {
  const { ino, size, mtimeNs } = await handle.stat({ bigint: true });
  return `${ino}:${size}:${mtimeNs}`;
}

async function hashContent(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk);
  return `"${hash.digest('hex')}"`;
}

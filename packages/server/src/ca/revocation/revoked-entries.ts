// The entries of one authority's revocation list (RFC 5280 §5.1.2.6), encoded once, and joined as the list has them: one more is
// written behind the others.
import { encodeRevokedEntry } from '@gatehouse/x509';
import type { RevokedCertificate } from '../store/store.ts';

export interface RevokedEntries {
  readonly size: number;
  has(serialNumber: string): boolean;
  /** Does nothing for one that is there. */
  add(certificate: RevokedCertificate): void;
  /** Leaves out those that expired before `at`, in milliseconds since the epoch. */
  dropExpired(at: number): void;
  /** All of them, in DER: a view that lasts until the next change. */
  joined(): Uint8Array;
  /** Serial numbers of those that belonged to somebody. */
  readonly owned: ReadonlySet<string>;
}

interface Entry {
  encoded: Uint8Array;
  notAfter: number;
}

const FIRST_BYTES = 4096;

export function createRevokedEntries(): RevokedEntries {
  const entries = new Map<string, Entry>();
  const owned = new Set<string>();
  let octets = new Uint8Array(FIRST_BYTES);
  let used = 0;

  function append(encoded: Uint8Array): void {
    if (used + encoded.length > octets.length) {
      const larger = new Uint8Array(octets.length * 2);
      larger.set(octets);
      octets = larger;
    }
    octets.set(encoded, used);
    used += encoded.length;
  }

  return {
    get size() {
      return entries.size;
    },
    has: (serialNumber) => entries.has(serialNumber),
    add({ serialNumber, owner, notAfter, revokedAt, reason }) {
      if (entries.has(serialNumber)) return;
      const encoded = encodeRevokedEntry({ serialNumber, revokedAt: new Date(revokedAt), reason });
      entries.set(serialNumber, { encoded, notAfter });
      if (owner) owned.add(serialNumber);
      append(encoded);
    },
    dropExpired(at) {
      used = 0;
      for (const [serialNumber, { encoded, notAfter }] of entries) {
        if (notAfter >= at) {
          append(encoded);
          continue;
        }
        entries.delete(serialNumber);
        owned.delete(serialNumber);
      }
    },
    joined: () => octets.subarray(0, used),
    owned,
  };
}

// The entries of one authority's revocation list (RFC 5280 §5.1.2.6), encoded once, and stored as one text as
// in the list. New entries are appended, and become part of it when their commit is on disk.
import { encodeRevokedEntry } from '@gatehouse/x509';
import type { RevokedCertificate } from '../store/store.ts';

export interface RevokedEntries {
  readonly size: number;
  has(serialNumber: string): boolean;
  /** The entries, followed by those of `certificates` that are not among them yet. */
  with(certificates: readonly RevokedCertificate[]): ExtendedEntries;
  /** Removes the entries that expired before `at`, in milliseconds since the epoch. */
  dropExpired(at: number): void;
}

export interface ExtendedEntries {
  /** The entries in DER. The view is valid until the next change. */
  readonly joined: Uint8Array;
  /** Makes the new ones part of the entries. Call it before any other change. */
  adopt(): void;
}

interface Entry {
  encoded: Uint8Array;
  notAfter: number;
}

const FIRST_BYTES = 4096;

export function createRevokedEntries(): RevokedEntries {
  const entries = new Map<string, Entry>();
  let octets = new Uint8Array(FIRST_BYTES);
  let used = 0;

  /** Writes after `end`, and returns the new end. */
  function append(encoded: Uint8Array, end: number): number {
    if (end + encoded.length > octets.length) {
      const larger = new Uint8Array(octets.length * 2);
      larger.set(octets);
      octets = larger;
    }
    octets.set(encoded, end);
    return end + encoded.length;
  }

  return {
    get size() {
      return entries.size;
    },
    has: (serialNumber) => entries.has(serialNumber),
    with(certificates) {
      const added = new Map<string, Entry>();
      let end = used;
      for (const { serialNumber, notAfter, revokedAt, reason } of certificates) {
        if (entries.has(serialNumber) || added.has(serialNumber)) continue;
        const encoded = encodeRevokedEntry({ serialNumber, revokedAt: new Date(revokedAt), reason });
        added.set(serialNumber, { encoded, notAfter });
        end = append(encoded, end);
      }
      return {
        joined: octets.subarray(0, end),
        adopt() {
          for (const [serialNumber, entry] of added) entries.set(serialNumber, entry);
          used = end;
        },
      };
    },
    dropExpired(at) {
      used = 0;
      for (const [serialNumber, { encoded, notAfter }] of entries) {
        if (notAfter >= at) used = append(encoded, used);
        else entries.delete(serialNumber);
      }
    },
  };
}

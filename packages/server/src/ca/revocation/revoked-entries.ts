// The entries of one authority's revocation list (RFC 5280 §5.1.2.6), encoded once, and joined as the list has them: one more is
// written behind the others.
import { encodeRevokedEntry } from '@gatehouse/x509';
import type { RevokedCertificate } from '../store/store.ts';

export interface RevokedEntries {
  readonly size: number;
  has(serialNumber: string): boolean;
  /** Does nothing for one that is there. */
  add(certificate: RevokedCertificate): void;
  /** None was revoked later than `at`: a clock that was ahead said so, and some verifiers wait until then. */
  revokedBefore(at: number): void;
  /** Leaves out those that expired before `at`, in milliseconds since the epoch. */
  dropExpired(at: number): void;
  /** All of them, in DER: a view that lasts until the next change. */
  joined(): Uint8Array;
}

interface Entry extends Pick<RevokedCertificate, 'revokedAt' | 'reason' | 'notAfter'> {
  encoded: Uint8Array;
}

const FIRST_BYTES = 4096;

export function createRevokedEntries(): RevokedEntries {
  const entries = new Map<string, Entry>();
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

  function joinAgain(): void {
    used = 0;
    for (const { encoded } of entries.values()) append(encoded);
  }

  return {
    get size() {
      return entries.size;
    },
    has: (serialNumber) => entries.has(serialNumber),
    add({ serialNumber, notAfter, revokedAt, reason }) {
      if (entries.has(serialNumber)) return;
      const encoded = encode(serialNumber, revokedAt, reason);
      entries.set(serialNumber, { encoded, notAfter, revokedAt, reason });
      append(encoded);
    },
    revokedBefore(at) {
      for (const [serialNumber, entry] of entries) {
        if (entry.revokedAt <= at) continue;
        const encoded = encode(serialNumber, at, entry.reason);
        entries.set(serialNumber, { ...entry, encoded, revokedAt: at });
      }
      joinAgain();
    },
    dropExpired(at) {
      for (const [serialNumber, { notAfter }] of entries) {
        if (notAfter >= at) continue;
        entries.delete(serialNumber);
      }
      joinAgain();
    },
    joined: () => octets.subarray(0, used),
  };
}

function encode(serialNumber: string, revokedAt: number, reason: RevokedCertificate['reason']): Uint8Array {
  return encodeRevokedEntry({ serialNumber, revokedAt: new Date(revokedAt), reason });
}

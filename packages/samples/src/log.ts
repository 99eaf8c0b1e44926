// The log of the samples: one object for each event, without secrets and without the content that clients
// send.
import type { EncryptedFailureReason } from '@gatehouse/protocol';

/** One event. */
export type SamplesLogEntry =
  | {
      event: 'encrypted.refused';
      reason: EncryptedFailureReason;
      clientId: string | undefined;
      error?: unknown;
    }
  | { event: 'encrypted.decrypted'; clientId: string; bytes: number }
  | { event: 'symmetric.decrypted'; bytes: number }
  | { event: 'symmetric.refused' }
  | { event: 'request.failed'; method: string; path: string; error: unknown };

/** Receives the events. */
export type SamplesLog = (entry: SamplesLogEntry) => void;

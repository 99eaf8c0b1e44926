// What the samples tell a log: one object for each event, never a secret and never what a client sent as content.
import type { EncryptedFailureReason } from '@gatehouse/protocol';

export type SamplesLogEntry =
  | { event: 'encrypted.refused'; reason: EncryptedFailureReason; clientId: string | undefined }
  | { event: 'encrypted.decrypted'; clientId: string; bytes: number }
  | { event: 'request.failed'; method: string; path: string; error: unknown };

export type SamplesLog = (entry: SamplesLogEntry) => void;

// What a connection to an upstream reports to its origin.
import type { PendingCall } from './pending-call.ts';

export interface ConnectionOwner<Connection> {
  /** It is open, or its answer is complete: it can carry a request. */
  ready(connection: Connection): void;
  /** Exactly once. */
  gone(connection: Connection): void;
  /** It was never open. `gone` follows. */
  failedToOpen(error: Error): void;
  /** The connection closed before an octet of the answer. */
  repeat(call: PendingCall): void;
}

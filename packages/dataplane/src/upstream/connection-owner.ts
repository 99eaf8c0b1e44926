// Events of a connection to an upstream, for its origin.
import type { PendingCall } from './pending-call.ts';

export interface ConnectionOwner<Connection> {
  /** It can carry a request: it has just opened, or its answer is complete. */
  ready(connection: Connection): void;
  /** Exactly once. */
  gone(connection: Connection): void;
  /** It could not be opened. `gone` follows. */
  failedToOpen(error: Error): void;
  /** The connection closed before an octet of the answer. */
  repeat(call: PendingCall): void;
}

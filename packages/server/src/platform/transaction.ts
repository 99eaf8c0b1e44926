// The connection of a transaction, and what the acts of one commit leave to do: events to record, and what memory takes over
// once they are on disk. An act that fails leaves nothing of either.
import type { DomainEvent } from './events.ts';
import type { Connection } from './sqlite-connection.ts';

declare const transaction: unique symbol;

/** The connection of the transaction under way. Await nothing but queries while you hold it. */
export interface Tx extends Connection {
  /** Sets it apart from a connection for reading. */
  readonly [transaction]: true;
  /**
   * Runs `follow` when the act is on disk, in the order of the commits, before its caller gets an answer. It never runs when the act or
   * the commit fails. It must not throw.
   */
  afterCommit(follow: () => void): void;
  /** Adds to what the ledger records with this act. Acts use `events.publish`. */
  publish(event: DomainEvent): void;
}

/** What the acts of one commit left to do. */
export interface Aftermath {
  readonly tx: Tx;
  readonly events: readonly DomainEvent[];
  /** Forgets what the acts of earlier commits left. */
  begin(): void;
  /** Before each act; what it returns forgets what that act left. */
  mark(): () => void;
  /** Runs what `afterCommit` was given. */
  follow(): void;
}

export function createAftermath(writer: Connection): Aftermath {
  let events: DomainEvent[] = [];
  let follows: (() => void)[] = [];
  const added = {
    afterCommit: (follow: () => void) => void follows.push(follow),
    publish: (event: DomainEvent) => void events.push(event),
  };
  return {
    tx: Object.assign(writer, added) as unknown as Tx,
    get events() {
      return events;
    },
    begin() {
      events = [];
      follows = [];
    },
    mark() {
      const [eventCount, followCount] = [events.length, follows.length];
      return () => {
        events.length = eventCount;
        follows.length = followCount;
      };
    },
    follow() {
      for (const follow of follows) follow();
    },
  };
}

// The connection of a transaction, and the later work of the acts in one commit: events for the ledger, and
// updates of memory after the acts are on disk. A failed act leaves neither.
import type { DomainEvent } from '../feed/domain-event.ts';
import type { Connection } from './sqlite-connection.ts';

declare const transaction: unique symbol;

/** The connection of the current transaction. Await only queries while you hold it. */
export interface Tx extends Connection {
  /** Separates it from a connection for reading. */
  readonly [transaction]: true;
  /**
   * Runs `follow` when the act is on disk, in the order of the commits, before the caller gets an answer. It
   * never runs if the act or the commit fails. It must not throw.
   */
  afterCommit(follow: () => void): void;
  /** Adds an event that the ledger records with this act. Acts use `events.publish`. */
  publish(event: DomainEvent): void;
}

/** The later work of the acts in one commit. */
export interface Aftermath {
  readonly tx: Tx;
  readonly events: readonly DomainEvent[];
  /** Discards the work of earlier commits. */
  begin(): void;
  /** Call it before each act. The returned function discards the work of that act. */
  mark(): () => void;
  /** Runs the functions of `afterCommit`. */
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

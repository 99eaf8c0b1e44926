// The connection of a transaction, and the work that the acts of one commit leave: events for the ledger, and
// updates of memory once the acts are on disk. An act that fails leaves neither.
import type { DomainEvent } from '../feed/domain-event.ts';
import type { Connection } from './sqlite-connection.ts';

declare const transaction: unique symbol;

/** The connection of the current transaction. Await only queries while you hold it. */
export interface Tx extends Connection {
  /** Separates it from a connection for reading. */
  readonly [transaction]: true;
  /**
   * Runs `follow` when the act is on disk, in the order of the commits, before the caller gets an answer. It
   * never runs when the act or the commit fails. It must not throw.
   */
  afterCommit(follow: () => void): void;
  /** Adds to the events that the ledger records with this act. Acts use `events.publish`. */
  publish(event: DomainEvent): void;
}

/** The work that the acts of one commit left. */
export interface Aftermath {
  readonly tx: Tx;
  readonly events: readonly DomainEvent[];
  /** Discards the work of earlier commits. */
  begin(): void;
  /** Call it before each act. The function that it returns discards the work of that act. */
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

// Collects log lines or handshake records, and sends them together. If the control plane does not read, they
// wait up to a limit. Beyond the limit, they are dropped and counted.
import type { Link } from './link.ts';

export interface Batch<Item> {
  add(item: Item): void;
  /** Sends the waiting items. */
  flush(): void;
}

export interface BatchOptions {
  /** How long the first item may wait for others. */
  delayMs: number;
  /** How many items may wait. */
  maxItems: number;
}

/** `send` gets the items, and the number of items dropped since the last call. */
export function createBatch<Item>(
  link: Pick<Link<never>, 'whenDrained'>,
  send: (items: Item[], lost: number) => void,
  { delayMs, maxItems }: BatchOptions,
): Batch<Item> {
  let items: Item[] = [];
  let lost = 0;
  let isScheduled = false;

  function flush(): void {
    isScheduled = false;
    if (items.length === 0) return;
    const taken = items;
    const dropped = lost;
    items = [];
    lost = 0;
    send(taken, dropped);
  }

  return {
    add(item) {
      if (items.length >= maxItems) {
        lost += 1;
        return;
      }
      items.push(item);
      if (isScheduled) return;
      isScheduled = true;
      setTimeout(() => link.whenDrained(flush), delayMs);
    },
    flush,
  };
}

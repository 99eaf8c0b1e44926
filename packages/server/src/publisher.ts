// Turns "something changed" into a new snapshot in every worker. Changes that come together share one snapshot; snapshots are
// made and published strictly one after the other, so a later one never carries earlier facts.

export interface Publisher {
  /** Resolves when what is committed now is acted on everywhere; at once before `attach`. */
  changed(): Promise<void>;
  /** From now on `publish` builds a snapshot from what is committed and hands it out; resolves when it has what was missed. */
  attach(publish: () => Promise<void>): Promise<void>;
}

export function createPublisher(): Publisher {
  let publish: (() => Promise<void>) | undefined;
  let missed = false;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function publishAfter(earlier: Promise<void> | undefined): Promise<void> {
    // Whoever asked for the earlier one hears of its failure.
    await earlier?.catch(() => {});
    running = next;
    next = undefined;
    await publish?.();
  }

  function changed(): Promise<void> {
    missed = publish === undefined;
    next ??= publishAfter(running);
    return next;
  }

  return {
    changed,
    attach(attached) {
      publish = attached;
      return missed ? changed() : Promise.resolve();
    },
  };
}

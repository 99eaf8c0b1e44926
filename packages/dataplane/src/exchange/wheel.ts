// One coarse timer wheel for a whole process (Varghese and Lauck, 1987): time limits of seconds need no
// separate timers. Setting a timer again to a later time only writes a number; the timer moves when its old
// time comes.

const SLOTS = 512;
/**
 * How far one step moves the time. While the process is suspended or busy, data from peers waits unread in
 * the sockets. That time must not count for the peers' limits.
 */
const MAX_STEP_MS = 500;

export interface Wheel {
  readonly tickMs: number;
  /** Milliseconds in which the process ran, up to the last tick. */
  readonly now: number;
  /** Calls `expired` of the timer after `ms`, up to two ticks late. Replaces an earlier time. */
  set(timer: Timer, ms: number): void;
  /** Removes the timer at once. */
  clear(timer: Timer): void;
  /** Moves the time, by half a second at most: expires all timers that are due. */
  advance(now: number): void;
}

/** A time limit for a long-lived object, such as a connection. Create it once and set it often. */
export class Timer {
  readonly expired: () => void;
  /** The tick at which it expires. */
  due = Number.POSITIVE_INFINITY;
  /** The tick of its place in the wheel: `due` or earlier. */
  placed = 0;
  previous: Timer | undefined;
  next: Timer | undefined;

  constructor(expired: () => void) {
    this.expired = expired;
  }

  get isSet(): boolean {
    return this.due !== Number.POSITIVE_INFINITY;
  }
}

/** `now` is the time at which the wheel starts, from the same clock as that of `advance`. */
export function createWheel(now: number, tickMs = 100): Wheel {
  const slots = Array.from({ length: SLOTS }, emptySlot);
  let time = now;
  let advancedAt = now;
  let tick = Math.floor(now / tickMs);

  function place(timer: Timer): void {
    timer.placed = timer.due;
    insert(slots[timer.due % SLOTS] as Timer, timer);
  }

  const due = emptySlot();

  function expire(slot: Timer): void {
    let timer = slot.next as Timer;
    while (timer !== slot) {
      const following = timer.next as Timer;
      if (timer.placed <= tick) {
        remove(timer);
        if (timer.due <= tick) insert(due, timer);
        else place(timer);
      }
      timer = following;
    }
    // A timer may clear or set others, so the timers are removed from the list one at a time.
    for (let first = due.next as Timer; first !== due; first = due.next as Timer) {
      remove(first);
      first.due = Number.POSITIVE_INFINITY;
      first.expired();
    }
  }

  return {
    tickMs,
    get now() {
      return time;
    },
    set(timer, ms) {
      timer.due = tick + Math.ceil(ms / tickMs) + 1;
      if (timer.next !== undefined) {
        if (timer.placed <= timer.due) return;
        remove(timer);
      }
      place(timer);
    },
    clear(timer) {
      timer.due = Number.POSITIVE_INFINITY;
      if (timer.next !== undefined) remove(timer);
    },
    advance(current) {
      time += Math.min(current - advancedAt, MAX_STEP_MS);
      advancedAt = current;
      const last = Math.floor(time / tickMs);
      while (tick < last) {
        tick += 1;
        expire(slots[tick % SLOTS] as Timer);
      }
    },
  };
}

function emptySlot(): Timer {
  const slot = new Timer(() => {});
  slot.previous = slot;
  slot.next = slot;
  return slot;
}

function insert(slot: Timer, timer: Timer): void {
  timer.previous = slot;
  timer.next = slot.next;
  (slot.next as Timer).previous = timer;
  slot.next = timer;
}

function remove(timer: Timer): void {
  (timer.previous as Timer).next = timer.next;
  (timer.next as Timer).previous = timer.previous;
  timer.previous = undefined;
  timer.next = undefined;
}

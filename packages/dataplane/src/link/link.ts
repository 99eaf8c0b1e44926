// One end of the link between the control plane and a data plane process: messages over two byte streams
// (docs/wire/data-plane-link.md). Anything that is not a valid frame ends the link.
import type { Readable, Writable } from 'node:stream';
import { createFrameReader, encodeFrame } from './frames.ts';
import { decodeMessage, encodeMessage } from './octets.ts';

/** One end of the link, for sending. */
export interface Link<Out extends object> {
  /**
   * Sends a message, also if earlier ones still wait. Throws `TypeError` for a value that JSON cannot
   * represent, and `RangeError` for a message above the limit; then nothing was sent.
   */
  send(message: Out): void;
  /**
   * Whether earlier messages still wait in memory. Then drop or delay messages if possible.
   *
   */
  readonly isBacklogged: boolean;
  /** Calls `act` when no message waits: at once if none waits now. */
  whenDrained(act: () => void): void;
}

/** The callbacks of the link. */
export interface LinkEvents<In> {
  message(message: In): void;
  /** The last call. The error describes a mistake of the other side. */
  ended(error: Error | undefined): void;
}

/** The two byte streams of a link, such as the standard streams of a process. */
export interface LinkStreams {
  input: Readable;
  output: Writable;
}

/**
 * Opens one end. Both sides have the same version of our code, so only the framing of messages is checked.
 * @example
 * const link = openLink<FromDataPlane, ToDataPlane>(
 *   { input: child.stdout, output: child.stdin },
 *   { message: receive, ended: replace },
 * );
 * link.send({ type: 'ping', id: 1 });
 */
export function openLink<In, Out extends object>(
  { input, output }: LinkStreams,
  events: LinkEvents<In>,
): Link<Out> {
  let isOpen = true;
  let isBacklogged = false;
  let waiting: (() => void)[] = [];

  function end(error?: Error): void {
    if (!isOpen) return;
    isOpen = false;
    waiting = [];
    events.ended(error);
  }

  const reader = createFrameReader((text) => {
    if (isOpen) events.message(decodeMessage(text) as In);
  });

  input.on('data', (octets: Uint8Array) => {
    if (!isOpen) return;
    try {
      reader.read(octets);
    } catch (error) {
      end(error as Error);
    }
  });
  input.on('end', () => end());
  input.on('error', end);
  output.on('error', end);
  output.on('drain', () => {
    isBacklogged = false;
    const acts = waiting;
    waiting = [];
    for (const act of acts) act();
  });

  return {
    get isBacklogged() {
      return isBacklogged;
    },
    send(message) {
      const frame = encodeFrame(encodeMessage(message));
      if (isOpen && !output.write(frame)) isBacklogged = true;
    },
    whenDrained(act) {
      if (isBacklogged) waiting.push(act);
      else act();
    },
  };
}

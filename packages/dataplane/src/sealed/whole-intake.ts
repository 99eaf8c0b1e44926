// `message/ohttp-req` (RFC 9458 §4): the body is held until it is complete, then opened at once.
import { GatehouseError } from '@gatehouse/access';
import type { BinaryFields, BinaryRequestHead, ObliviousKey } from '@gatehouse/protocol';
import { BinaryHttpError, openRequest, readBinaryRequest } from '@gatehouse/protocol';
import type { ClientStream } from '../exchange/client-stream.ts';
import type { HeldOctets } from './held-octets.ts';
import type { Intake, ServeInner } from './intake.ts';
import type { OpeningDeps } from './opening.ts';
import { examine, refusedRequest } from './opening.ts';
import { WholeAnswer } from './sealed-answer.ts';

export interface WholeIntakeDeps extends OpeningDeps {
  keys: readonly ObliviousKey[];
  /** For a message in either direction. */
  hold(): HeldOctets;
  /** Queues work that needs much processor time, and runs it in order. Rejects with `unavailable`. */
  inTurn<T>(work: () => T | Promise<T>): Promise<T>;
}

export function createWholeIntake(outer: ClientStream, deps: WholeIntakeDeps, serve: ServeInner): Intake {
  const held = deps.hold();

  async function open(): Promise<void> {
    const opened = await deps.inTurn(() => openRequest(deps.keys, held.whole()));
    held.release();
    const answer = new WholeAnswer(outer, opened.sealResponse, deps.hold());
    const message = readWhole(opened.request, deps);
    if ('error' in message) {
      serve({ ...refusedRequest(outer, message.error), answer, parts: [], trailers: [] });
      return;
    }
    const { head, parts, trailers } = message;
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const examined = await examine(deps, outer, { head, length, encapsulated: opened.encapsulated });
    serve({ ...examined, answer, parts, trailers });
  }

  return {
    take(octets) {
      held.add(octets);
      return undefined;
    },
    complete: open,
    close: () => held.release(),
  };
}

interface WholeMessage {
  head: BinaryRequestHead;
  parts: Uint8Array[];
  trailers: BinaryFields;
}

/** The message inside, or the reason why it is not valid. */
function readWhole(
  octets: Uint8Array,
  { limits }: Pick<OpeningDeps, 'limits'>,
): WholeMessage | { error: Error } {
  let head: BinaryRequestHead | undefined;
  let trailers: BinaryFields = [];
  const parts: Uint8Array[] = [];
  const reader = readBinaryRequest(limits(), {
    head: (read) => {
      head = read;
    },
    content: (part) => parts.push(part),
    complete: (read) => {
      trailers = read;
    },
  });
  try {
    reader.read(octets);
    reader.end();
  } catch (error) {
    if (error instanceof BinaryHttpError) return { error: new GatehouseError('bad_request', error.message) };
    throw error;
  }
  return { head: head as BinaryRequestHead, parts, trailers };
}

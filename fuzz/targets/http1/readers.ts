// Our readers beside the others. A finding is a message that another parser reads differently, or a reading
// that depends on how the octets are split, or on what other connections have read.
import { isDeepStrictEqual } from 'node:util';
import { crc32 } from 'node:zlib';
import { KnownHeads } from '../../../packages/dataplane/src/http1/known-heads.ts';
import type { RequestHead } from '../../../packages/dataplane/src/http1/messages.ts';
import type { FuzzReader } from '../../harness/target.ts';
import { createOtherParsers } from './other-parsers.ts';
import { type Message, type Reading, readRequests, readResponse } from './reading.ts';

const QUESTIONS = ['other', 'HEAD', 'websocket'] as const;
/** Every split of longer inputs would take too long. */
const MAX_SPLIT_OCTETS = 512;
/** A head is remembered when it comes for the second time, and recalled at the third. */
const CONNECTIONS = 3;

export function createHttp1Readers(): FuzzReader[] {
  const others = createOtherParsers();
  const known = new KnownHeads<RequestHead>(crc32);

  function compare(ours: Reading, readingOf: (other: (typeof others)[number]) => Reading): boolean {
    for (const other of others) assertAlike(ours, readingOf(other), other.name);
    return ours.refusal === undefined && ours.messages.length > 0;
  }

  return [
    {
      name: 'createRequestReader',
      accepts(input) {
        const ours = readInAllSplits(input, (parts) => readRequests(parts));
        for (let connection = 0; connection < CONNECTIONS; connection++) {
          const again = readRequests([input], known);
          if (again.refusal !== ours.refusal || !areSame(again.messages, ours.messages))
            throw new Error('what other connections have read changes the messages');
        }
        return compare(ours, (other) => other.requests(input));
      },
    },
    {
      name: 'createResponseReader',
      accepts(input) {
        const accepted = QUESTIONS.filter((question) => {
          const read = (parts: readonly Uint8Array[]) => readResponse(question, parts);
          // The question changes nothing about splits.
          const ours = question === 'other' ? readInAllSplits(input, read) : read([input]);
          return compare(ours, (other) => other.response(question, input));
        });
        return accepted.length > 0;
      },
    },
  ];
}

function readInAllSplits(input: Uint8Array, read: (parts: readonly Uint8Array[]) => Reading): Reading {
  const whole = read([input]);
  const assertSame = (parts: readonly Uint8Array[]) => {
    const split = read(parts);
    if (!areSame(split.messages, whole.messages)) throw new Error('a split changes the messages');
    // A split may delay a refusal to the end of the line, so that an incomplete line is not refused yet.
    if (split.refusal !== whole.refusal && split.refusal !== undefined)
      throw new Error('a split changes the refusal');
  };
  assertSame(Array.from(input, (octet) => Uint8Array.of(octet)));
  if (whole.messages.length > 0 && input.length <= MAX_SPLIT_OCTETS) {
    for (let at = 1; at < input.length; at++) assertSame([input.subarray(0, at), input.subarray(at)]);
  }
  return whole;
}

function areSame(some: readonly Message[], others: readonly Message[]): boolean {
  return some.length === others.length && some.every((message, index) => isSame(message, others[index]));
}

function isSame(one: Message, other: Message | undefined): boolean {
  return (
    one.start === other?.start &&
    one.body === other.body &&
    one.isComplete === other.isComplete &&
    areSameWords(one.fields, other.fields) &&
    areSameWords(one.trailers, other.trailers)
  );
}

function areSameWords(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((word, index) => word === others[index]);
}

const PARTS = ['start', 'fields', 'body', 'trailers', 'isComplete'] as const;
/** What is compared of a message after which the other parser expects another protocol. */
const HEAD_PARTS = ['start', 'fields'] as const;

function assertAlike(ours: Reading, theirs: Reading, name: string): void {
  for (const [index, message] of ours.messages.entries()) {
    const isLast = index === ours.messages.length - 1;
    // What comes of a message that we refuse does not matter.
    if (isLast && !message.isComplete && ours.refusal !== undefined) return;
    const other = theirs.messages[index];
    if (other === undefined && (theirs.refusal !== undefined || theirs.isUpgraded)) return;
    // We ignore most offers of another protocol.
    const isTheirLast = theirs.isUpgraded && !ours.isUpgraded && index === theirs.messages.length - 1;
    for (const part of isTheirLast ? HEAD_PARTS : PARTS) {
      if (!isDeepStrictEqual(other?.[part], message[part])) throw new Error(`${name} reads another ${part}`);
    }
  }
  const mayEnd = ours.refusal !== undefined || ours.isStopped;
  if (!mayEnd && theirs.messages.length > ours.messages.length)
    throw new Error(`${name} reads more messages`);
}

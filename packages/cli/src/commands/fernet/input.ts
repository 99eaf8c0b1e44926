// The input of the commands: a file or standard input, as a stream. Its beginning can be read first.
import { open } from 'node:fs/promises';
import { cannotRead } from '../../exit-status.ts';
import { sayThatItReads } from '../../output/print.ts';
import type { CliProcess } from '../../process.ts';

export interface Input {
  /** For messages. */
  name: string;
  octets: AsyncIterable<Uint8Array>;
}

/** Throws `CliError`. */
export async function openInput(path: string | undefined, process: CliProcess): Promise<Input> {
  if (path === undefined) sayThatItReads(process);
  if (path === undefined || path === '-') return { name: 'standard input', octets: process.stdin };
  const file = await open(path).catch((error) => {
    throw cannotRead(path, error);
  });
  return { name: path, octets: reading(file.createReadStream(), path) };
}

async function* reading(stream: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    throw cannotRead(path, error);
  }
}

export interface Peeked {
  /** At least `count` octets, or all. */
  beginning: Buffer;
  /** Whether that is all. */
  isWhole: boolean;
  /** All octets, from the first. */
  octets(): AsyncGenerator<Uint8Array>;
}

/** Reads at least `count` octets, if there are that many. */
export async function peek(source: AsyncIterable<Uint8Array>, count: number): Promise<Peeked> {
  const chunks: Uint8Array[] = [];
  const iterator = source[Symbol.asyncIterator]();
  let length = 0;
  let isWhole = false;
  while (length < count && !isWhole) {
    const { done, value } = await iterator.next();
    isWhole = done === true;
    if (isWhole) break;
    chunks.push(value);
    length += value.length;
  }
  const beginning = Buffer.concat(chunks);
  return {
    beginning,
    isWhole,
    async *octets() {
      yield beginning;
      if (!isWhole) yield* { [Symbol.asyncIterator]: () => iterator };
    },
  };
}

/** This many octets are enough to distinguish a file of frames from a token. */
export const FRAMES_BEGINNING = 26;

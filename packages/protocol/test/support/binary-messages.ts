// Reads binary messages whole, in pieces of a given length.
import type { BinaryFields, BinaryRequestHead, BinaryResponseHead } from '../../src/binary-http/message.ts';
import type { BinaryEvents, BinaryReader, BinaryReadLimits } from '../../src/binary-http/reader.ts';
import { readBinaryRequest, readBinaryResponse } from '../../src/binary-http/reader.ts';

export const LIMITS: BinaryReadLimits = { maxHeadBytes: 16_384, maxFields: 100, maxPaddingBytes: 65_536 };

export interface Read<Head> {
  head: Head;
  length: number | undefined;
  information: Head[];
  content: string;
  trailers: BinaryFields;
}

type Make<Head> = (limits: BinaryReadLimits, events: BinaryEvents<Head>) => BinaryReader;

function readWith<Head>(
  make: Make<Head>,
  octets: Uint8Array,
  { step = octets.length, limits = LIMITS } = {},
) {
  const seen: Partial<Read<Head>> & { information: Head[]; parts: Uint8Array[] } = {
    information: [],
    parts: [],
  };
  const reader = make(limits, {
    head: (head, length) => Object.assign(seen, { head, length }),
    information: (head) => seen.information.push(head),
    content: (part) => seen.parts.push(Uint8Array.from(part)),
    complete: (trailers) => Object.assign(seen, { trailers }),
  });
  for (let at = 0; at < octets.length; at += step) {
    // A copy that is overwritten later, because readers must not hold references to their input.
    const piece = Uint8Array.from(octets.subarray(at, at + step));
    reader.read(piece);
    piece.fill(0xee);
  }
  reader.end();
  const { parts, ...rest } = seen;
  return { ...rest, content: Buffer.concat(parts).toString('latin1') } as Read<Head>;
}

export interface ReadOptions {
  step?: number;
  limits?: BinaryReadLimits;
}

export const readRequest = (octets: Uint8Array, options?: ReadOptions): Read<BinaryRequestHead> =>
  readWith(readBinaryRequest, octets, options);

export const readResponse = (octets: Uint8Array, options?: ReadOptions): Read<BinaryResponseHead> =>
  readWith(readBinaryResponse, octets, options);

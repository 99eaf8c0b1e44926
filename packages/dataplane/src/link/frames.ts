// Frames of the link (docs/wire/data-plane-link.md): four octets of length, big-endian, then that many octets
// of UTF-8 text. Refuses empty frames, frames above the limit, and text that is not UTF-8.

/** The longest text of a frame, in octets. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

const LENGTH_BYTES = 4;

/** Throws `RangeError` for text above the limit. */
export function encodeFrame(text: string, maxBytes: number = MAX_FRAME_BYTES): Buffer {
  const length = Buffer.byteLength(text);
  if (length > maxBytes) throw tooLong(length, maxBytes);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + length);
  frame.writeUInt32BE(length);
  frame.write(text, LENGTH_BYTES);
  return frame;
}

export interface FrameReader {
  /**
   * Reads `octets`, which may begin and end anywhere in a frame, and stores an incomplete frame. Throws
   * `RangeError` for a refused length, and `TypeError` for text that is not UTF-8.
   */
  read(octets: Uint8Array): void;
}

/** `received` is called with the text of each frame. */
export function createFrameReader(
  received: (text: string) => void,
  maxBytes: number = MAX_FRAME_BYTES,
): FrameReader {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let parts: Uint8Array[] = [];
  let heldBytes = 0;
  /** The length of the text that follows; undefined while the length itself is read. */
  let textBytes: number | undefined;

  function complete(octets: Uint8Array): void {
    if (textBytes === undefined) {
      textBytes = lengthFrom(octets, maxBytes);
      return;
    }
    textBytes = undefined;
    received(utf8.decode(octets));
  }

  return {
    read(octets) {
      for (let offset = 0; offset < octets.length; ) {
        const wanted = textBytes ?? LENGTH_BYTES;
        const part = octets.subarray(offset, offset + wanted - heldBytes);
        offset += part.length;
        heldBytes += part.length;
        parts.push(part);
        if (heldBytes < wanted) return;
        const whole = parts.length === 1 ? part : Buffer.concat(parts);
        parts = [];
        heldBytes = 0;
        complete(whole);
      }
    },
  };
}

function lengthFrom(octets: Uint8Array, maxBytes: number): number {
  const length = Buffer.from(octets.buffer, octets.byteOffset, LENGTH_BYTES).readUInt32BE();
  if (length === 0) throw new RangeError('a frame of the link is empty');
  if (length > maxBytes) throw tooLong(length, maxBytes);
  return length;
}

function tooLong(length: number, maxBytes: number): RangeError {
  return new RangeError(`a frame of the link has ${length} octets; the limit is ${maxBytes}`);
}

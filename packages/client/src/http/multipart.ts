// multipart/form-data (RFC 7578), written piece by piece: files are not held in memory. The length is known
// if that of each part is. The content can be sent again if no part is a stream.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Content, requireUnread } from './request-content.ts';

/** A file in a form that comes from a stream. */
export interface StreamPart {
  stream: Readable | AsyncIterable<Uint8Array>;
  filename: string;
  /** Default: application/octet-stream. */
  type?: string;
  /** Octets, if known. */
  length?: number;
}

/** The fields of a form. `openAsBlob` of node:fs makes a Blob of a file without reading it. */
export type Multipart = Readonly<Record<string, Part | readonly Part[] | undefined>>;
type Part = string | number | boolean | Blob | StreamPart;

interface Written {
  head: Buffer;
  length: number | undefined;
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  once: boolean;
}

/** The content of a form. The boundary is random, so that no field contains it. */
export function multipartOf(fields: Multipart, boundary = `gatehouse-${randomUUID()}`): Content {
  const parts = Object.entries(fields).flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => write(name, value as Part, boundary)),
  );
  const tail = Buffer.from(`--${boundary}--\r\n`);
  const lengths = parts.map(({ head, length }) =>
    length === undefined ? Number.NaN : head.length + length + 2,
  );
  const length = lengths.reduce((sum, next) => sum + next, tail.length);
  return {
    content: () => Readable.from(pieces(parts, tail), { objectMode: false }),
    type: `multipart/form-data; boundary=${boundary}`,
    replayable: !parts.some(({ once }) => once),
    ...(Number.isNaN(length) ? {} : { length }),
  };
}

async function* pieces(parts: readonly Written[], tail: Buffer): AsyncGenerator<Uint8Array> {
  for (const { head, open } of parts) {
    yield head;
    yield* open();
    yield Buffer.from('\r\n');
  }
  yield tail;
}

function write(name: string, part: Part, boundary: string): Written {
  if (part instanceof Blob) {
    const filename = part instanceof File ? part.name : 'blob';
    const head = headOf(boundary, { name, filename, type: part.type });
    return { head, length: part.size, open: () => part.stream(), once: false };
  }
  if (typeof part === 'object') {
    const { stream, filename, type, length } = part;
    requireUnread(stream);
    const head = headOf(boundary, { name, filename, type });
    return { head, length, open: () => stream, once: true };
  }
  const text = Buffer.from(String(part));
  return { head: headOf(boundary, { name }), length: text.length, open: () => [text], once: false };
}

function headOf(
  boundary: string,
  { name, filename, type }: { name: string; filename?: string; type?: string | undefined },
): Buffer {
  const file = filename === undefined ? '' : `; filename="${escaped(filename)}"`;
  const media = filename === undefined ? '' : `Content-Type: ${type || 'application/octet-stream'}\r\n`;
  if (/[\r\n]/.test(media.slice(0, -2))) throw new TypeError('the type of a part must not have line breaks');
  return Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"${file}\r\n${media}\r\n`,
  );
}

/** As the HTML standard, "multipart/form-data encoding algorithm". */
function escaped(text: string): string {
  return text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}

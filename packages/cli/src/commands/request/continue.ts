// `--download FILE --continue`: an incomplete download stays as FILE.part, and the next run asks for the
// rest, if the server still has the same file (RFC 9110 §13.1.5). FILE appears when it is complete and on the
// disk.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { finished, type Readable } from 'node:stream';
import { ClientError } from '@gatehouse/client/errors';
import {
  type AnswerHead,
  isOfOther,
  isWhole,
  partFlags,
  rangeFields,
  readNote,
  removeNote,
  requireWithin,
  startOf,
  totalOf,
  validatorOf,
  writeNote,
} from '@gatehouse/client/partial-content';
import type { ClientResponse } from '@gatehouse/client/request';
import { CliError, cannotWrite, exitStatus } from '../../exit-status.ts';
import { publishOutput } from '../../output/output-files.ts';
import { remark, visible } from '../../output/print.ts';
import type { CliProcess } from '../../process.ts';
import { sizeText, withProgress } from './progress.ts';

export interface ContinuedDownload {
  /** The fields that ask for the rest. */
  headers(): Promise<Record<string, string>>;
  /** Whether the answer is the file or its rest, or says that the part is complete. */
  takes(response: ClientResponse): boolean;
  /** Rejects if the answer is incomplete. The part stays if the next run can continue it. */
  save(response: ClientResponse): Promise<void>;
  /** Runs `once` again, up to `retries` times, after a connection that ended too early. */
  untilWhole(once: () => Promise<void>, retries: number): Promise<void>;
}

interface Place {
  file: string;
  force: boolean | undefined;
  process: CliProcess;
}

export function continueDownload(place: Place): ContinuedDownload {
  const part = `${place.file}.part`;
  return {
    async headers() {
      const note = await readNote(part);
      return rangeFields({ have: note === undefined ? 0 : await sizeOf(part), validator: note?.validator });
    },
    takes: (response) => response.status < 300 || response.status === 416,
    save: (response) => save(response, part, place),
    async untilWhole(once, retries) {
      for (let left = retries; ; left -= 1) {
        const error = await once().catch((failure: unknown) => ({ failure }));
        if (error === undefined) return;
        const { failure } = error;
        const passes = failure instanceof ClientError && ['disconnected', 'timeout'].includes(failure.code);
        if (!passes || left === 0) throw failure;
        remark(place.process, `gatehouse: ${visible(failure.message)}; going on`);
      }
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  await using handle = await openPart(path, partFlags.goOn);
  return (await handle.stat()).size;
}

function openPart(path: string, flags: number): Promise<FileHandle> {
  return open(path, flags, 0o644).catch((error) => {
    throw cannotWrite(path, error);
  });
}

async function save(response: ClientResponse, part: string, place: Place): Promise<void> {
  const { file, force, process } = place;
  const pieces = piecesOf(response.body);
  const head = headOf(response);
  const note = await readNote(part);
  const have = note === undefined ? 0 : await sizeOf(part);
  if (response.status === 416) {
    if (!isWhole(head, have)) throw await startOver(part);
  } else {
    if (isOfOther(head, { validator: note?.validator })) throw await startOver(part);
    const start = startOf(head, have);
    const validator = validatorOf(head);
    await writeNote(part, { validator });
    if (start > 0) remark(process, `gatehouse: going on at ${sizeText(start)}`);
    await receive(response, pieces, { part, start, process }).catch((error) => leave(error, part, validator));
  }
  await publishOutput(part, file, { force });
  await removeNote(part);
}

async function receive(
  response: ClientResponse,
  pieces: AsyncIterable<Uint8Array>,
  { part, start, process }: { part: string; start: number; process: CliProcess },
): Promise<void> {
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  const total = Number.isNaN(length) ? undefined : start + length;
  await using handle = await openPart(part, start === 0 ? partFlags.begin : partFlags.goOn);
  await handle.truncate(start);
  let position = start;
  for await (const chunk of withProgress(pieces, { total, have: start }, process)) {
    await writeAt(handle, chunk, position, part);
    position += chunk.length;
  }
  await handle.sync();
  const head = headOf(response);
  requireWithin(head, position);
  if (position < totalOf(head))
    throw new ClientError('disconnected', 'the server sent only a part of the file');
}

const MOST_PIECES = 64;

/**
 * Yields all received pieces before the error: a failed stream would lose the pieces in its buffer. It
 * listens from the call on.
 */
function piecesOf(body: Readable): AsyncIterable<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let over: { error?: unknown } | undefined;
  let wake = () => {};
  const finish = (end: { error?: unknown }) => {
    over ??= end;
    wake();
  };
  body.on('data', (piece: Uint8Array) => {
    waiting.push(piece);
    if (waiting.length >= MOST_PIECES) body.pause();
    wake();
  });
  finished(body, (error) => finish(error ? { error } : {}));
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = waiting.shift();
      if (piece !== undefined) yield piece;
      else if (over === undefined) {
        body.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (over.error === undefined) return;
      else throw over.error;
    }
  }
  return pieces();
}

async function writeAt(handle: FileHandle, chunk: Uint8Array, position: number, part: string): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle
      .write(chunk, done, chunk.length - done, position + done)
      .catch((error) => {
        throw cannotWrite(part, error);
      });
    done += bytesWritten;
  }
}

/** Without a validator, the next run could not continue it. */
async function leave(error: unknown, part: string, validator: string | undefined): Promise<never> {
  if (validator === undefined) await rm(part, { force: true });
  if (validator === undefined || !(error instanceof ClientError)) throw error;
  const message = `${error.message}; the first part is in ${visible(part)}: run the command again to continue`;
  throw new ClientError(error.code, message, { cause: error });
}

async function startOver(part: string): Promise<CliError> {
  await Promise.all([rm(part, { force: true }), removeNote(part)]);
  return new CliError(
    exitStatus.failed,
    `the server has another file than ${visible(part)}, which was removed: run the command again`,
  );
}

function headOf({ status, headers }: ClientResponse): AnswerHead {
  const field = (name: string) => {
    const value = headers[name];
    return value === undefined ? null : [value].flat().join(', ');
  };
  return { status, field };
}

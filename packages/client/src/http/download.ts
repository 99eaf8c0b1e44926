// Downloads to a file, which has another name until it is complete. An interrupted download continues where
// it stopped, if the server still has the same file: Range (RFC 9110 §14.2) with If-Range (§13.1.5).
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ClientError } from '../errors.ts';
import type { MethodOptions } from './client-options.ts';
import { RequestError } from './errors.ts';
import { typedError } from './failures.ts';
import { createFileSink, type FileSink } from './file-sink.ts';
import { networkAnswerOf, pipeTo } from './lazy-response.ts';
import {
  type AnswerHead,
  isOfOther,
  isWhole,
  type Partial,
  partFlags,
  rangeFields,
  readNote,
  removeNote,
  requireWithin,
  startOf,
  totalOf,
  validatorOf,
  writeNote,
} from './partial-content.ts';
import type { PendingResponse } from './pending-response.ts';
import { discard, fieldOf } from './response.ts';

/** What to send, and whether to continue an earlier download. */
export interface DownloadOptions extends Omit<MethodOptions, 'redirect'> {
  /**
   * Leaves an incomplete download as `FILE.part`, and continues it in the next call. Default: false. Within
   * one call, an interrupted download always continues.
   */
  resume?: boolean;
}

/** A file that was written. */
export interface Downloaded {
  file: string;
  bytes: number;
  /** How many of these octets an earlier call had written. */
  resumedFrom: number;
}

/** From the client: a request without a URL yet. */
export type Get = (url: string | URL, options: MethodOptions) => PendingResponse;

const MOST_FRUITLESS = 3;

/** Writes the content to `file`, which is replaced only when the content is complete and on the disk. */
export async function download(
  get: Get,
  url: string | URL,
  file: string,
  { resume = false, ...options }: DownloadOptions = {},
): Promise<Downloaded> {
  const part = resume ? `${file}.part` : `${file}.${randomUUID()}.part`;
  const known = resume ? await readNote(part) : undefined;
  const handle = await openPart(part, known === undefined ? partFlags.begin : partFlags.goOn);
  try {
    const from = known === undefined ? 0 : (await handle.stat()).size;
    const job = { get, url, options, part, handle, keepNote: resume };
    const { bytes, resumedFrom } = await fetchWhole(job, { validator: known?.validator, have: from });
    await handle.truncate(bytes);
    await handle.sync();
    await handle.close();
    await replace(part, file);
    return { file, bytes, resumedFrom };
  } catch (error) {
    await handle.close();
    if ((await readNote(part)) === undefined) await rm(part, { force: true });
    throw error;
  }
}

function openPart(part: string, flags: number): Promise<FileHandle> {
  return open(part, flags, 0o644).catch((error) => {
    throw error.code === 'ELOOP' ? new TypeError(`${part} is a link to another file: remove it`) : error;
  });
}

interface Job {
  get: Get;
  url: string | URL;
  options: MethodOptions;
  part: string;
  handle: FileHandle;
  keepNote: boolean;
}

interface State extends Partial {
  /** Octets that are in the file. */
  have: number;
}

/** Asks for the rest until the file is complete. */
async function fetchWhole(job: Job, first: State): Promise<{ bytes: number; resumedFrom: number }> {
  let state = first;
  let resumedFrom = first.validator === undefined ? 0 : first.have;
  for (let fruitless = 0; ; ) {
    const { have } = state;
    const outcome = await fetchRest(job, state);
    if (outcome.startedAt < resumedFrom) resumedFrom = outcome.startedAt;
    if (outcome.error === undefined) return { bytes: outcome.state.have, resumedFrom };
    fruitless = outcome.state.have > have ? 0 : fruitless + 1;
    const mayGoOn = outcome.state.validator !== undefined && mayPass(outcome.error);
    if (!mayGoOn || fruitless === MOST_FRUITLESS) throw outcome.error;
    state = outcome.state;
  }
}

interface Outcome {
  state: State;
  startedAt: number;
  error?: unknown;
}

async function fetchRest(job: Job, state: State): Promise<Outcome> {
  const { options, handle } = job;
  const onProgress = options.onProgress;
  let startedAt = state.have;
  let sink: FileSink | undefined;
  let { validator } = state;
  let response: Response | undefined;
  const at = () => ({ validator, have: sink?.position ?? startedAt });
  try {
    response = await job
      .get(job.url, {
        ...options,
        headers: rangeOf(options.headers, state),
        ...(onProgress && {
          onProgress: (step) => {
            const offset = step.direction === 'down' ? startedAt : 0;
            onProgress({ ...step, bytes: step.bytes + offset, total: step.total && step.total + offset });
          },
        }),
      })
      .accepted(state.have > 0 ? [416] : []);
    if (response.status === 416) {
      await discard(response);
      if (isWhole(headOf(response), state.have)) return { state, startedAt };
      return fetchRest(job, { validator: undefined, have: 0 });
    }
    const head = headOf(response);
    if (isOfOther(head, state)) {
      await discard(response);
      return fetchRest(job, { validator: undefined, have: 0 });
    }
    startedAt = startOf(head, state.have);
    validator = validatorOf(head);
    if (job.keepNote) await writeNote(job.part, { validator });
    sink = createFileSink(handle, startedAt);
    await pipeTo(response, sink);
    if (sink.position < totalOf(head)) throw cut(response);
    requireWithin(head, sink.position);
    return { state: at(), startedAt };
  } catch (error) {
    await sink?.settle();
    return { state: at(), startedAt, error: response === undefined ? error : typed(error, response) };
  }
}

function typed(error: unknown, response: Response): unknown {
  const request = networkAnswerOf(response)?.request;
  return request === undefined ? error : typedError(error, request, () => performance.now());
}

function rangeOf(given: HeadersInit | undefined, state: State): Headers {
  const headers = new Headers(given);
  for (const [name, value] of Object.entries(rangeFields(state))) headers.set(name, value);
  return headers;
}

function headOf(response: Response): AnswerHead {
  return { status: response.status, field: (name) => fieldOf(response, name) };
}

function cut({ url }: Response): ClientError {
  return new ClientError('disconnected', `${new URL(url).origin} sends only a part of the file: try again`);
}

function mayPass(error: unknown): boolean {
  return error instanceof RequestError && error.retryable;
}

/** A crash leaves the old file or the new one, never a mixture. */
async function replace(part: string, file: string): Promise<void> {
  await rename(part, file);
  await removeNote(part);
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}

// A witness at an address: an HTTP server that stores the head of the ledger (docs/wire/witness.md). The
// server does not trust its answers: it limits their time and size, and follows no redirect.
import type { IncomingMessage } from 'node:http';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import { ledgerHeadShape } from '../../platform/ledger/ledger-head.ts';
import { connectionProblem } from '../../platform/problems/connection-problem.ts';
import type { HeadSigner, StatedHead } from '../signed-head.ts';
import { readToken } from './token.ts';

/** The stored head. Its signature is for people, because a server compares the head with its ledger. */
export type StoredHead = StatedHead;

export interface WitnessAddress {
  readonly url: string;
  /**
   * `undefined` if nothing is stored there, `unreadable` if the content is no head. Throws
   * `witness_unreachable` if the server does not answer that.
   */
  read(signal?: AbortSignal): Promise<StoredHead | 'unreadable' | undefined>;
  /** Replaces the stored head. Throws `witness_unreachable`. */
  write(head: StoredHead, signal?: AbortSignal): Promise<void>;
}

export interface WitnessAddressOptions {
  url: string;
  tokenFile?: string | undefined;
  /** PEM of the trusted roots. */
  roots(): string;
  /** Default: heads are not signed. */
  sign?: HeadSigner;
  timeoutMs?: number;
}

const TIMEOUT_MS = 5000;
const MAX_BODY_OCTETS = 4096;
const MAX_HEADER_OCTETS = 16 * 1024;

// A later version may add members.
const storedSchema = z.object({ ...ledgerHeadShape, ledger: ledgerHeadShape.hash.nullable().default(null) });

/**
 * @example
 * const address = createWitnessAddress({ url: 'https://store.example.com/head.json', roots });
 * await address.write({ seq: 61, hash, ledger });
 */
export function createWitnessAddress(settings: WitnessAddressOptions): WitnessAddress {
  const { url, timeoutMs = TIMEOUT_MS, sign = () => undefined } = settings;

  async function ask(action: string, sent: Sent, signal?: AbortSignal): Promise<Received> {
    const time = AbortSignal.timeout(timeoutMs);
    try {
      return await exchange(settings, sent, signal ? AbortSignal.any([signal, time]) : time);
    } catch (error) {
      const late = time.aborted ? `it took longer than ${timeoutMs / 1000} seconds` : undefined;
      const reason = signal?.aborted ? 'the server stops' : (late ?? connectionProblem(error));
      throw unreachable(url, action, reason, error);
    }
  }

  return {
    url,
    async read(signal) {
      const { status, body } = await ask('read', { method: 'GET' }, signal);
      if (status === 404 || status === 410) return undefined;
      if (status !== 200) throw unreachable(url, 'read', describeStatus(status));
      return body === undefined ? 'unreadable' : parseHead(body);
    },
    async write({ seq, hash, ledger }, signal) {
      const head = { seq, hash, ledger };
      const body = `${JSON.stringify({ ...head, signed: sign(head) })}\n`;
      const { status } = await ask('written', { method: 'PUT', body }, signal);
      if (status < 200 || status > 299) throw unreachable(url, 'written', describeStatus(status));
    },
  };
}

function parseHead(text: string): StoredHead | 'unreadable' {
  try {
    const read = storedSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function unreachable(url: string, action: string, reason: string, cause?: unknown): GatehouseError {
  const detail = `The witness at ${url} cannot be ${action}: ${reason}.`;
  return new GatehouseError('witness_unreachable', detail, { cause });
}

function describeStatus(status: number): string {
  const isRedirect = status >= 300 && status < 400;
  return `it answers ${status}${isRedirect ? ', and redirects are not followed' : ''}`;
}

interface Sent {
  method: 'GET' | 'PUT';
  body?: string;
}

interface Received {
  status: number;
  /** Undefined if it is longer than a head can be. */
  body: string | undefined;
}

async function exchange(
  { url, tokenFile, roots }: WitnessAddressOptions,
  { method, body }: Sent,
  signal: AbortSignal,
): Promise<Received> {
  const headers = {
    accept: 'application/json',
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }),
    ...(tokenFile !== undefined && { authorization: `Bearer ${readToken(tokenFile)}` }),
  };
  const isTls = url.startsWith('https:');
  const send = isTls ? tlsRequest : plainRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const limits = { signal, agent: false, maxHeaderSize: MAX_HEADER_OCTETS };
    const request = send(url, { method, headers, ...limits, ...(isTls && { ca: roots() }) });
    request.once('response', resolve);
    // This listener stays after the answer. Without it, the error of an aborted request would end the
    // process.
    request.on('error', reject);
    request.end(body);
  });
  return { status: response.statusCode ?? 0, body: await readBody(response) };
}

/** Stops reading an answer that is too long. */
async function readBody(response: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > MAX_BODY_OCTETS) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

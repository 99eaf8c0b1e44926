// `gatehouse request --sign` and `--verify-signature` (RFC 9421). The keys that verify an answer come from a
// file, or from the server itself, over HTTPS or on this machine. An answer is complete and verified before
// any of it is printed.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { AnswerKeys, Client, ClientResponse } from '@gatehouse/client';
import {
  ANSWER_KEYS_PATH,
  givenKeys,
  keysOfSet,
  messageOf,
  requestedNonce,
  signerOf,
  signRequest,
  verifyAnswer,
} from '@gatehouse/client';
import { MessageSignatureError } from '@gatehouse/protocol';
import { CliError, cannotRead, exitStatus, usageError } from '../../exit-status.ts';
import { readPrivateKeyFile } from '../../input/private-key-file.ts';
import type { CliProcess } from '../../process.ts';
import type { Content } from './body.ts';
import type { SignatureFlags } from './flags.ts';

/** A request in progress. */
export interface Outgoing {
  method: string;
  url: URL;
  headers: Record<string, string | string[]>;
  content: Content | undefined;
}

/** Throws `CliError` for options that exclude each other or need another one. */
export function requireSignatureFlags(flags: SignatureFlags): void {
  const { sign, signKeyid, signPassphraseFile, verifySignature, signatureKeys } = flags;
  if (sign !== undefined && signKeyid === undefined) {
    throw usageError("--sign needs --sign-keyid: the id that 'gatehouse key add' printed");
  }
  if (sign === undefined && (signKeyid ?? signPassphraseFile) !== undefined) {
    throw usageError('--sign-keyid and --sign-passphrase-file need --sign');
  }
  if (signatureKeys !== undefined && !verifySignature) {
    throw usageError('--signature-keys needs --verify-signature');
  }
}

/** The last request, and its answer. */
export interface Exchanged {
  sent: Outgoing;
  response: ClientResponse;
}

/**
 * Signs and sends the request, and once more if the server asks for its own nonce. The body is in memory.
 * Throws `CliError`.
 */
export async function sendSigned(
  sign: (nonce: string) => Promise<Outgoing>,
  send: (request: Outgoing) => Promise<ClientResponse>,
): Promise<Exchanged> {
  const sent = await sign(randomUUID());
  const response = await send(sent);
  const asked = response.status === 401 ? response.headers['accept-signature'] : undefined;
  const nonce = requestedNonce(asked === undefined ? null : String(asked));
  if (nonce === undefined) return { sent, response };
  response.body.on('error', () => {}).destroy();
  const again = await sign(nonce);
  return { sent: again, response: await send(again) };
}

/** Signs this request with any nonce. Throws `CliError`. */
export async function signerOfRequest(
  request: Outgoing,
  { sign: path = '', signKeyid: keyId = '', signPassphraseFile: passphraseFile }: SignatureFlags,
  process: CliProcess,
): Promise<(nonce: string) => Promise<Outgoing>> {
  const source = { path, passphraseFile, option: '--sign-passphrase-file' };
  const key = await signerOf(await readPrivateKeyFile(source, process)).catch((error) => {
    throw new CliError(exitStatus.failed, `${path}: ${error.message}`, { cause: error });
  });
  const octets = request.content ? await buffer(request.content.body) : Buffer.alloc(0);
  return async (nonce) => {
    const signed = await signRequest(
      { ...request, headers: fieldsOf(request.headers), content: octets },
      { key, keyId, created: Math.floor(Date.now() / 1000), nonce },
    );
    const headers = Object.fromEntries(signed);
    if (!request.content) return { ...request, headers };
    const body = Readable.from(octets.length === 0 ? [] : [octets]);
    return {
      ...request,
      headers: { ...headers, 'content-length': String(octets.length) },
      content: { ...request.content, body },
    };
  };
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** The verified answer. Throws `CliError`. */
export async function verifiedAnswer(
  response: ClientResponse,
  request: Outgoing,
  { signatureKeys, client }: Pick<SignatureFlags, 'signatureKeys'> & { client: Client },
): Promise<ClientResponse> {
  const octets = await readAnswer(response.body);
  const fields = Object.entries(response.headers).flatMap(([name, values]) =>
    [values ?? []].flat().flatMap((value) => [name, value]),
  );
  try {
    const keys = await keysFor(request.url, signatureKeys, client);
    const { method, url } = request;
    const sent = messageOf({ method, url, headers: fieldsOf(request.headers) });
    const answer = { status: response.status, fields, content: octets };
    await verifyAnswer(sent, answer, { keys, now: Math.floor(Date.now() / 1000) });
  } catch (error) {
    if (error instanceof MessageSignatureError) throw notAccepted(request.url, error);
    throw error;
  }
  return { ...response, body: Readable.from(octets.length === 0 ? [] : [octets]) };
}

async function readAnswer(body: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    length += (part as Buffer).length;
    if (length > MAX_ANSWER_BYTES) {
      throw new CliError(
        exitStatus.limit,
        'the answer has more than 64 MiB: --verify-signature needs all of it in memory',
      );
    }
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

async function keysFor(url: URL, path: string | undefined, client: Client): Promise<AnswerKeys> {
  if (path === undefined) return publishedKeys(new URL(ANSWER_KEYS_PATH, url.origin), client);
  const text = await readFile(path, 'utf8').catch((error) => {
    throw cannotRead(path, error);
  });
  return givenKeys(keysOfSet(text));
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

async function publishedKeys(url: URL, client: Client): Promise<AnswerKeys> {
  if (url.protocol !== 'https:' && !LOOPBACK.test(url.hostname)) {
    throw usageError('--verify-signature fetches keys over HTTPS only: name a file with --signature-keys');
  }
  const { status, body } = await client.request(url, { headers: { accept: 'application/json' } });
  const octets = await readAnswer(body);
  if (status === 200) return givenKeys(keysOfSet(octets.toString()));
  throw new CliError(
    exitStatus.failed,
    `the answer is not verified: ${url.origin} publishes no keys for signed answers (HTTP ${status}); name a file with --signature-keys`,
  );
}

function fieldsOf(headers: Outgoing['headers']): Headers {
  const fields = new Headers();
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values].flat()) fields.append(name, value);
  }
  return fields;
}

function notAccepted({ origin }: URL, error: MessageSignatureError): CliError {
  const what = `the answer of ${origin} is not accepted, and nothing of it is printed`;
  return new CliError(exitStatus.failed, `${what}: ${error.message}`, { cause: error, code: error.code });
}

// Checks that contenders do the same work: status 200 and the upstream's own body over TLS 1.3 with one
// cipher suite, HTTP/1.1 and persistent connections. Contenders with a difference are not measured.
import assert from 'node:assert/strict';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { CIPHER, CLIENT_TLS } from './tls-files.ts';

export interface Target {
  port: number;
  /** Default: `/`. */
  path?: string;
  /** PEM. */
  root: string;
  headers: OutgoingHttpHeaders;
}

export interface Answer {
  status: number;
  body: string;
  httpVersion: string;
  tlsVersion: string | null;
  cipher: string;
  onKeptConnection: boolean;
}

/** Throws unless `target` returns `body` in the required way. */
export async function checkAnswers(target: Target, body: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const expected = { status: 200, body, httpVersion: '1.1', tlsVersion: 'TLSv1.3', cipher: CIPHER };
  try {
    const first = await ask(target, agent);
    assert.deepEqual(first, { ...expected, onKeptConnection: false });
    const second = await ask(target, agent);
    assert.deepEqual(second, { ...expected, onKeptConnection: true });
  } finally {
    agent.destroy();
  }
}

/** The status of one request; undefined if nothing listens yet. */
export async function statusOf(target: Target): Promise<number | undefined> {
  return (await answerOf(target))?.status;
}

/** The answer to one request; undefined if nothing listens yet. */
export async function answerOf(target: Target): Promise<Answer | undefined> {
  const agent = new Agent();
  try {
    return await ask(target, agent);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return undefined;
    throw error;
  } finally {
    agent.destroy();
  }
}

async function ask({ port, path, root, headers }: Target, agent: Agent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const call = request(
    { host: '127.0.0.1', port, path, ca: root, ...CLIENT_TLS, headers, agent, timeout: 5000 },
    resolve,
  );
  call.on('error', reject);
  call.on('timeout', () => call.destroy(new Error('no answer within five seconds')));
  call.end();
  const answer = await promise;
  const socket = answer.socket as TLSSocket;
  const tls = { tlsVersion: socket.getProtocol(), cipher: socket.getCipher().standardName };
  return {
    status: answer.statusCode ?? 0,
    body: await text(answer),
    httpVersion: answer.httpVersion,
    ...tls,
    onKeptConnection: call.reusedSocket,
  };
}

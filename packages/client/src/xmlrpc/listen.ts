// XML-RPC over HTTPS, with client certificates if they are required. Refuses other methods, paths and content
// types, large bodies, and plain HTTP for other machines.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  type ListenTlsOptions,
  startListening,
  type TlsListener,
  tlsServerOptions,
} from '../sockets/listen.ts';
import type { XmlRpcCaller } from './caller.ts';

/** Where to listen, and which clients may call. */
export type XmlRpcListenOptions = Omit<ListenTlsOptions, 'certificate' | 'key' | 'onHandlerError'> &
  Partial<Pick<ListenTlsOptions, 'certificate' | 'key'>>;

/** A server that listens. */
export interface XmlRpcListener extends TlsListener {
  url: string;
}

type Answer = (call: Uint8Array, caller: XmlRpcCaller) => Promise<string>;

/** Throws `TypeError` for options that cannot be used. */
export async function listenXmlRpc(
  answer: Answer,
  { maxBytes }: { maxBytes: number },
  options: XmlRpcListenOptions,
): Promise<XmlRpcListener> {
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    serveCall(request, response, { answer, maxBytes }).catch(() => response.destroy());
  };
  const { host = '127.0.0.1', certificate, key } = options;
  const isTls = certificate !== undefined && key !== undefined;
  if (!isTls) requireLoopback(options, host);
  const server: Server = isTls
    ? createHttpsServer(tlsServerOptions({ ...options, certificate, key }), serve)
    : createHttpServer(serve);
  const listener = await startListening(server, options);
  const authority = `${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  return { ...listener, url: `${isTls ? 'https' : 'http'}://${authority}/RPC2` };
}

function requireLoopback({ clientCertificate }: XmlRpcListenOptions, host: string): void {
  const isLoopback = /^(localhost|::1|127\.\d+\.\d+\.\d+)$/.test(host);
  if (isLoopback && clientCertificate === undefined) return;
  throw new TypeError(
    `without certificate and key, XML-RPC listens only on loopback, not on ${host} and for clients`,
  );
}

const PATHS = ['/', '/RPC2'];

interface Serving {
  answer: Answer;
  maxBytes: number;
}

async function serveCall(
  request: IncomingMessage,
  response: ServerResponse,
  { answer, maxBytes }: Serving,
): Promise<void> {
  const refused = refusalOf(request, maxBytes);
  if (refused !== undefined) return refuse(response, refused);
  const octets = await readBody(request, maxBytes);
  if (octets === undefined) return refuse(response, 413);
  const text = await answer(octets, callerOf(request));
  response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' }).end(text);
}

/** The HTTP status for a request that is not a call. */
function refusalOf({ method, url = '', headers }: IncomingMessage, maxBytes: number): number | undefined {
  if (!PATHS.includes(url.split('?')[0] ?? '')) return 404;
  if (method !== 'POST') return 405;
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!['text/xml', 'application/xml'].includes(type) || headers['content-encoding'] !== undefined)
    return 415;
  return Number(headers['content-length'] ?? 0) > maxBytes ? 413 : undefined;
}

function refuse(response: ServerResponse, status: number): void {
  const allow = status === 405 ? { allow: 'POST' } : {};
  response.writeHead(status, { ...allow, connection: 'close', 'content-length': 0 }).end();
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function callerOf({ socket }: IncomingMessage): XmlRpcCaller {
  const address = socket.remoteAddress ?? '';
  const peer = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
  if (peer?.subject === undefined) return { address };
  const name = [peer.subject.CN ?? ''].flat()[0] ?? '';
  return { address, name, ...(peer.subjectaltname && { alternativeNames: peer.subjectaltname }) };
}

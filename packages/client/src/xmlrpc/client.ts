// Calls of XML-RPC over HTTP, with the methods of the server as methods of an object. A fault is thrown as
// `XmlRpcFault`. Refuses answers that are larger or deeper than the limits.
import type { Client } from '../client.ts';
import { ClientError } from '../errors.ts';
import { piecesOf } from '../http/pieces.ts';
import { XmlRpcError } from './errors.ts';
import { readResponse, writeCall } from './message.ts';
import type { XmlRpcValue } from './write-value.ts';
import { defaultLimits, type XmlRpcLimits } from './xml.ts';

/** The methods of an interface for a client: each returns a promise. Names with dots are nested. */
export type XmlRpcRemote<Api> = {
  readonly [Name in keyof Api]: Api[Name] extends (...parameters: infer Parameters) => infer Result
    ? (...parameters: Parameters) => Promise<Awaited<Result>>
    : XmlRpcRemote<Api[Name]>;
};

/** Methods that most servers offer beside their own. */
export interface XmlRpcIntrospection {
  system: {
    listMethods(): string[];
    methodHelp(method: string): string;
    methodSignature(method: string): XmlRpcValue;
    /** For each call, an array with its result or a struct with `faultCode` and `faultString`. */
    multicall(calls: { methodName: string; params: XmlRpcValue[] }[]): XmlRpcValue[];
  };
}

/** How calls are sent: by a client, or by any function like `fetch`. */
export type XmlRpcTransport =
  | Pick<Client, 'request'>
  | ((
      url: string | URL,
      request: { method: string; headers: Record<string, string>; body: string },
    ) => PromiseLike<Pick<Response, 'status' | 'body'>>);

/**
 * The methods of the server at `url`. Calls reject with `XmlRpcFault`, with `ClientError`, and with
 * `TypeError` for a parameter without a type in XML-RPC.
 * @example
 * const api = xmlrpc<{ add(a: number, b: number): number }>(client, 'https://localhost:15000/RPC2');
 * const sum = await api.add(1, 2);
 * const names = await api.system.listMethods();
 */
export function xmlrpc<Api>(
  client: XmlRpcTransport,
  url: string | URL,
  limits: XmlRpcLimits = {},
): XmlRpcRemote<Api & XmlRpcIntrospection> {
  const call = (method: string, parameters: readonly unknown[]) =>
    xmlrpcCall({ client, url, limits }, method, parameters);
  return methodsBelow('', call) as XmlRpcRemote<Api & XmlRpcIntrospection>;
}

/** The URL of the server, and how to send calls. */
export interface XmlRpcTarget {
  client: XmlRpcTransport;
  url: string | URL;
  /** The limits for the size and the depth of an answer. */
  limits?: XmlRpcLimits;
}

/**
 * Calls one method by its name.
 * @example
 * const sum = await xmlrpcCall({ client, url }, 'add', [1, 2]);
 */
export async function xmlrpcCall(
  { client, url, limits = {} }: XmlRpcTarget,
  method: string,
  parameters: readonly unknown[],
): Promise<XmlRpcValue> {
  const allowed = { ...defaultLimits, ...limits };
  const request = {
    method: 'POST',
    headers: { 'content-type': 'text/xml', accept: 'text/xml' },
    body: writeCall({ method, parameters }),
  };
  const response = await (typeof client === 'function' ? client(url, request) : client.request(url, request));
  const octets = await readBody(response, url, allowed);
  try {
    return readResponse(octets, allowed);
  } catch (error) {
    if (!(error instanceof XmlRpcError)) throw error;
    throw new ClientError('protocol', `${url} did not answer with XML-RPC: ${error.message}`, {
      cause: error,
    });
  }
}

type CallMethod = (method: string, parameters: readonly unknown[]) => Promise<XmlRpcValue>;

function methodsBelow(prefix: string, call: CallMethod): object {
  const method = (...parameters: unknown[]) => call(prefix, parameters);
  return new Proxy(method, {
    get(_, name) {
      // An object with `then` is a promise: `await` on this one must not call the server.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      return methodsBelow(prefix === '' ? name : `${prefix}.${name}`, call);
    },
  });
}

async function readBody(
  { status, body }: { status: number; body: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> | null },
  url: string | URL,
  { maxBytes }: Required<XmlRpcLimits>,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of piecesOf(body)) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new ClientError(
        'protocol',
        `the answer of ${url} is larger than ${maxBytes} octets: raise maxBytes`,
      );
    }
    chunks.push(chunk);
  }
  if (status === 200) return joined(chunks, length);
  throw new ClientError(
    'protocol',
    `${url} answered with HTTP ${status} and not with XML-RPC: check its path`,
  );
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

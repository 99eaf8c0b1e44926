// The measured clients in Node. Each opens its own connections, and reads an answer whole or as a stream.
import { createWriteStream } from 'node:fs';
import { Agent as SecureAgent } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { bearer, client, cookies, type HttpClient, type Middleware, retry, trust } from '@gatehouse/client';
import { TOKEN } from './work.ts';

export interface Contender {
  /** Reads JSON, and returns the member `ok`. */
  json(url: string): Promise<unknown>;
  /** Reads a body piece by piece, and returns the number of its octets. */
  stream(url: string): Promise<number>;
  /** Writes a body to a file as the documentation of the client recommends. */
  file(url: string, file: string): Promise<unknown>;
}

type Create = (ca: string) => Contender | Promise<Contender>;

const authorization = `Bearer ${TOKEN}`;
const headers = { authorization };

// Each loads only its own library, because loaded code costs the garbage collector time.

/** Trust, retries, redirects, cookies, a credential and limits. */
function ours(ca: string, ...more: Middleware[]): HttpClient {
  return client().with(trust({ ca }), retry(), cookies(), bearer(TOKEN), ...more);
}

function ofOurs(http: HttpClient): Contender {
  return {
    json: async (url) => (await http.get(url).json<{ ok: boolean }>()).ok,
    stream: async (url) => octetsOf(await http.get(url).stream()),
    file: (url, file) => http.download(url, file),
  };
}

/** A middleware of a caller: it waits for the answer, and reads from it. */
function observer(): Middleware {
  return async (call, next) => {
    const response = await next(call);
    if (response.status === 599) throw new Error('never');
    return response;
  };
}

/** `MORE_STEPS` more middlewares, to compute the cost of one. */
export const MORE_STEPS = 20;
export const OURS = 'Gatehouse';
export const OURS_WITH_MORE = `Gatehouse, ${MORE_STEPS} more middlewares`;
/** Reads without storing the pieces. */
export const OURS_PIECEWISE = 'Gatehouse, each()';

export const CONTENDERS: Readonly<Record<string, Create>> = {
  [OURS]: (ca) => ofOurs(ours(ca)),
  [OURS_PIECEWISE]: (ca) => {
    const http = ours(ca);
    return { ...ofOurs(http), stream: (url) => octetsOfPieces(http, url) };
  },
  [OURS_WITH_MORE]: (ca) => ofOurs(ours(ca, ...Array.from({ length: MORE_STEPS }, observer))),
  'undici.request': async (ca) => {
    const { Agent, request } = await import('undici');
    const dispatcher = new Agent({ connect: { ca } });
    return {
      json: async (url) => {
        const { body } = await request(url, { dispatcher, headers });
        return ((await body.json()) as { ok: boolean }).ok;
      },
      stream: async (url) => octetsOf((await request(url, { dispatcher, headers })).body),
      file: async (url, file) => toFile((await request(url, { dispatcher, headers })).body, file),
    };
  },
  'undici fetch': async (ca) => {
    const { Agent, fetch } = await import('undici');
    const dispatcher = new Agent({ connect: { ca } });
    return ofFetch((url) => fetch(url, { dispatcher, headers }) as unknown as Promise<Response>);
  },
  got: async (ca) => {
    const { default: got } = await import('got');
    const calling = got.extend({ https: { certificateAuthority: ca }, headers, agent: { https: kept(ca) } });
    return {
      json: async (url) => (await calling(url).json<{ ok: boolean }>()).ok,
      stream: (url) => octetsOf(calling.stream(url)),
      file: (url, file) => toFile(calling.stream(url), file),
    };
  },
  axios: async (ca) => {
    const { default: axios } = await import('axios');
    const calling = axios.create({ httpsAgent: kept(ca), headers, proxy: false });
    const open = async (url: string) => (await calling.get<Readable>(url, { responseType: 'stream' })).data;
    return {
      json: async (url) => (await calling.get(url)).data.ok,
      stream: async (url) => octetsOf(await open(url)),
      file: async (url, file) => toFile(await open(url), file),
    };
  },
  ky: async (ca) => {
    const { default: ky } = await import('ky');
    const { Agent, fetch } = await import('undici');
    const dispatcher = new Agent({ connect: { ca } });
    const calling = ky.create({
      fetch: ((url: Request) =>
        fetch(url.url, { dispatcher, headers: [...url.headers] as [string, string][] })) as never,
      headers,
    });
    return ofFetch((url) => calling.get(url));
  },
};

function kept(ca: string): SecureAgent {
  return new SecureAgent({ ca, keepAlive: true });
}

function ofFetch(call: (url: string) => Promise<Response>): Contender {
  return {
    json: async (url) => ((await (await call(url)).json()) as { ok: boolean }).ok,
    stream: async (url) => {
      let octets = 0;
      for await (const chunk of bodyOf(await call(url))) octets += chunk.length;
      return octets;
    },
    file: async (url, file) => toFile(Readable.fromWeb((await call(url)).body as ReadableStream), file),
  };
}

function bodyOf({ body }: Response): AsyncIterable<Uint8Array> {
  return body as unknown as AsyncIterable<Uint8Array>;
}

function toFile(stream: Readable, file: string): Promise<void> {
  return pipeline(stream, createWriteStream(file));
}

async function octetsOfPieces(http: HttpClient, url: string): Promise<number> {
  let octets = 0;
  await http.get(url).each((piece) => {
    octets += piece.length;
  });
  return octets;
}

function octetsOf(stream: Readable): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let octets = 0;
  stream.on('data', (chunk: Buffer) => {
    octets += chunk.length;
  });
  stream.on('error', reject);
  stream.on('end', () => resolve(octets));
  return promise;
}

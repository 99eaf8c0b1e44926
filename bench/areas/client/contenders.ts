// The clients of Node that are measured: each opens connections of its own, and reads an answer whole or as a stream.
import { Agent as SecureAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { bearer, client, cookies, type HttpClient, type Middleware, retry, trust } from '@gatehouse/client';

export interface Contender {
  /** Reads JSON, and returns the member `ok`. */
  json(url: string): Promise<unknown>;
  /** Reads a body piece by piece, and returns its octets. */
  download(url: string): Promise<number>;
}

/** The token that every contender sends. */
export const TOKEN = 'gh_0123456789abcdef0123456789abcdef';

type Create = (ca: string) => Contender | Promise<Contender>;

const authorization = `Bearer ${TOKEN}`;
const headers = { authorization };

// Each loads only its own library: what is loaded costs the garbage collector time.

/** Trust, retries, redirects, cookies, a credential and limits. */
function ours(ca: string, ...more: Middleware[]): HttpClient {
  return client().with(trust({ ca }), retry(), cookies(), bearer(TOKEN), ...more);
}

function ofOurs(http: HttpClient): Contender {
  return {
    json: async (url) => (await http.get(url).json<{ ok: boolean }>()).ok,
    download: async (url) => octetsOf(await http.get(url).stream()),
  };
}

const pass: Middleware = (call, next) => next(call);
const asyncPass: Middleware = async (call, next) => {
  const response = await next(call);
  return response;
};

export const CONTENDERS: Readonly<Record<string, Create>> = {
  Gatehouse: (ca) => ofOurs(ours(ca)),
  'Gatehouse, 10 more middlewares': (ca) =>
    ofOurs(
      ours(ca, ...Array.from({ length: 10 }, (_, index) => withIdentityOf(index % 2 ? pass : asyncPass))),
    ),
  'undici.request': async (ca) => {
    const { Agent, request } = await import('undici');
    const dispatcher = new Agent({ connect: { ca } });
    return {
      json: async (url) => {
        const { body } = await request(url, { dispatcher, headers });
        return ((await body.json()) as { ok: boolean }).ok;
      },
      download: async (url) => octetsOf((await request(url, { dispatcher, headers })).body),
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
      download: (url) => octetsOf(calling.stream(url)),
    };
  },
  axios: async (ca) => {
    const { default: axios } = await import('axios');
    const calling = axios.create({ httpsAgent: kept(ca), headers, proxy: false });
    return {
      json: async (url) => (await calling.get(url)).data.ok,
      download: async (url) => octetsOf((await calling.get<Readable>(url, { responseType: 'stream' })).data),
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

/** A function of its own, so that the engine cannot know which one comes next. */
function withIdentityOf(step: Middleware): Middleware {
  return (call, next) => step(call, next);
}

function kept(ca: string): SecureAgent {
  return new SecureAgent({ ca, keepAlive: true });
}

function ofFetch(call: (url: string) => Promise<Response>): Contender {
  return {
    json: async (url) => ((await (await call(url)).json()) as { ok: boolean }).ok,
    download: async (url) => {
      let octets = 0;
      for await (const chunk of (await call(url)).body as unknown as AsyncIterable<Uint8Array>)
        octets += chunk.length;
      return octets;
    },
  };
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

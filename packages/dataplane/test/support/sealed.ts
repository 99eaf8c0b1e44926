// A gateway over plain TCP that accepts sealed requests, an upstream that answers with its request, and a
// client that seals.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Claim, Fact, GatewayRoute, Sealing } from '@gatehouse/access';
import type { BinaryFields, BinaryResponseHead, KeyConfiguration } from '@gatehouse/protocol';
import {
  beginBinaryRequest,
  beginChunkedRequest,
  binaryContent,
  createEncryptedSessions,
  endBinaryMessage,
  generateObliviousKey,
  KEM_X_WING,
  OFFERED_ALGORITHMS,
  padMessage,
  readBinaryResponse,
  sealRequest,
  usableConfigurations,
  writeBinaryRequest,
  writeKeyConfigurations,
} from '@gatehouse/protocol';
import { createRequestClock } from '../../src/admission/request-clock.ts';
import { createCounts } from '../../src/counts/counts.ts';
import type { AccessMembers } from '../../src/exchange/access-record.ts';
import { createGateway } from '../../src/gateway.ts';
import type { DataPlaneSettings } from '../../src/settings.ts';
import { listenPlain, plainTransport } from './net-transport.ts';
import { membersOf } from './records.ts';
import { sectionsWith } from './sections.ts';

const SETTINGS: DataPlaneSettings = {
  listen: { host: '127.0.0.1', port: 0 },
  reusePort: true,
  host: 'localhost',
  handshakeSeconds: 3,
  tls: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', suites: [], groups: [] },
};
const LISTENER = { privateKey: '', certificateChain: '', ticketKeys: Uint8Array.of(1) };
const LIMITS = { maxHeadBytes: 65_536, maxFields: 200, maxPaddingBytes: 2 ** 20 };
export const PATH = '/.well-known/ohttp-gateway';
/** The host of the gateway's URL in the sections of tests. */
export const HOST = 'localhost:8443';

export interface Asked {
  method?: string;
  authority?: string;
  scheme?: string;
  path?: string;
  fields?: BinaryFields;
  /** Undefined: none. */
  date?: string | undefined;
  content?: Uint8Array;
  trailers?: BinaryFields;
}

export interface Answered extends BinaryResponseHead {
  content: string;
  trailers: BinaryFields;
}

type Serve = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const echo: Serve = (request, response, body) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
};

export interface SealedGatewayOptions {
  routes?: readonly (Partial<GatewayRoute> & { path: string })[];
  serve?: Serve;
  sealing?: Partial<Sealing>;
}

export async function startSealedGateway(t: TestContext, options: SealedGatewayOptions = {}) {
  const { routes = [{ path: '/*' }], serve = echo } = options;
  const upstream = await startUpstream(t, serve);
  const key = await generateObliviousKey(KEM_X_WING);
  const configuration: KeyConfiguration = {
    id: 9,
    kem: KEM_X_WING,
    publicKey: key.publicKey,
    algorithms: OFFERED_ALGORITHMS,
  };
  const sealing: Sealing = {
    keys: [{ id: 9, kem: KEM_X_WING, publicKey: key.publicKey, privateKey: key.privateKey }],
    offer: writeKeyConfigurations([configuration]),
    signatures: { [HOST]: ['Signature', 'sig=:AA==:'] },
    windowSeconds: 30,
    maxBytes: 100_000,
    notBefore: 0,
    ...options.sealing,
  };
  const sections = sectionsWith(
    routes.map((route) => ({ upstream: `http://127.0.0.1:${upstream.port}`, ...route })),
    { tls: [['default', LISTENER]], sealing: [['default', sealing]] },
  );
  const claimed = new Set<string>();
  const claim = async ({ key: name }: Claim) => {
    if (claimed.has(name)) return 'again' as const;
    claimed.add(name);
    return 'first' as const;
  };
  const records: AccessMembers[] = [];
  const facts: Fact[] = [];
  const gateway = createGateway(
    {
      transport: {
        name: 'node',
        connect: plainTransport.connect,
        async listen(_, accept) {
          const { port, server } = await listenPlain(accept);
          t.after(() => server.close());
          return { port, present: async () => {}, limit() {}, stop: () => server.close() };
        },
      },
      copies: sections.copies,
      clock: createRequestClock(),
      facts: { record: async (fact) => void facts.push(fact) },
      claims: { claim },
      sessions: createEncryptedSessions(Date.now),
      accessLog: { write: (record) => void records.push(membersOf(record)) },
      log: { event() {} },
      counts: createCounts(),
      descriptors: Number.POSITIVE_INFINITY,
      handshake() {},
    },
    SETTINGS,
  );
  const port = await gateway.listen();
  t.after(() => gateway.drain(0));
  const [target] = usableConfigurations([configuration]);
  assert(target);
  return {
    ...sections,
    url: `http://127.0.0.1:${port}`,
    port,
    gateway,
    records,
    facts,
    target,
    sealing,
    upstream,
  };
}

async function startUpstream(t: TestContext, serve: Serve) {
  const seen: string[] = [];
  let watch = (_request: IncomingMessage) => {};
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    let body = '';
    request.setEncoding('latin1').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => serve(request, response, body));
    request.on('error', () => {});
    watch(request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    /** Calls `then` with each request when its head has arrived. */
    onRequest(then: (request: IncomingMessage) => void) {
      watch = then;
    },
  };
}

export type SealedGateway = Awaited<ReturnType<typeof startSealedGateway>>;

export const nowDate = (offsetSeconds = 0): string =>
  new Date(Date.now() + offsetSeconds * 1000).toUTCString();

function headOf(asked: Asked) {
  const { method = 'GET', authority = HOST, scheme = 'https', path = '/', fields = [] } = asked;
  const date = 'date' in asked ? asked.date : nowDate();
  return { method, scheme, authority, path, fields: date === undefined ? fields : [...fields, 'date', date] };
}

/** A request, sealed whole. */
export async function seal({ target }: Pick<SealedGateway, 'target'>, asked: Asked) {
  return sealRequest(target, padMessage(writeBinaryRequest(headOf(asked), asked.content, asked.trailers)));
}

/** A request, sealed in chunks: its head, each part of its content, and its end. */
export async function sealChunks(
  { target }: Pick<SealedGateway, 'target'>,
  asked: Asked,
  parts: Uint8Array[],
) {
  const request = await beginChunkedRequest(target);
  const chunks = [await request.chunk(beginBinaryRequest(headOf(asked)))];
  for (const part of parts) chunks.push(await request.chunk(binaryContent(part)));
  chunks.push(await request.finish(endBinaryMessage(asked.trailers)));
  return { request, chunks };
}

export function post(
  { url }: Pick<SealedGateway, 'url'>,
  body: BodyInit,
  type = 'message/ohttp-req',
): Promise<Response> {
  const init = { method: 'POST', body, headers: { 'content-type': type }, duplex: 'half' };
  return fetch(`${url}${PATH}`, init as RequestInit);
}

export async function octetsOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

/** Seals, sends, and opens the answer. */
export async function ask(gateway: SealedGateway, asked: Asked): Promise<Answered> {
  const { message, openResponse } = await seal(gateway, asked);
  const response = await post(gateway, message);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'message/ohttp-res');
  return readAnswer(await openResponse(await octetsOf(response)));
}

export function readAnswer(...octets: Uint8Array[]): Answered {
  let head: BinaryResponseHead | undefined;
  let trailers: BinaryFields = [];
  const parts: Uint8Array[] = [];
  const reader = readBinaryResponse(LIMITS, {
    head: (read) => {
      head = read;
    },
    content: (part) => parts.push(Uint8Array.from(part)),
    complete: (read) => {
      trailers = read;
    },
  });
  for (const part of octets) reader.read(part);
  reader.end();
  assert(head);
  return { ...head, content: Buffer.concat(parts).toString('latin1'), trailers };
}

export function fieldOf({ fields }: Answered, name: string): string | undefined {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field === name);
  return at < 0 ? undefined : fields[at + 1];
}

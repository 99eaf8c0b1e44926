// The network of a client: a private undici Agent, created when it is first needed, and the rules for what
// may be sent.

import type { Socket } from 'node:net';
import { Agent, type buildConnector, type Dispatcher } from 'undici';
import { ClientError } from '../errors.ts';
import { typedError } from '../http/failures.ts';
import { copyFields, flatFields } from '../http/field-list.ts';
import { lazyResponse } from '../http/lazy-response.ts';
import type { Limits } from '../http/limits.ts';
import type { HttpRequest, Next } from '../http/middleware.ts';
import type { Now } from '../http/now.ts';
import { CREDENTIALS } from '../http/secret-fields.ts';
import { type Explain, explainErrors } from '../report-errors.ts';
import type { Timeouts } from '../timeouts.ts';
import { createPublicCheck } from './addresses.ts';
import { type ConnectionLog, createConnectionLog } from './connection-log.ts';
import { createConnector } from './connector.ts';
import { type Answer, exchange, type Watchers } from './exchange.ts';
import { beginHop, type HopClock } from './hop-clock.ts';
import { isLoopback } from './loopback.ts';
import type { ChosenProxy, NetworkChange, Trust } from './network-change.ts';
import { countProgress } from './progress-counter.ts';
import { throughTunnels } from './through-tunnels.ts';
import { proxyRefusal, refusedWith } from './tunnel.ts';

export interface NetworkSettings extends Required<NetworkChange> {
  timeouts: Required<Timeouts>;
  limits: Required<Limits>;
  decompress: boolean;
  /** Offer HTTP/2. */
  http2: boolean;
  /** Refuse all addresses that are not public. */
  publicOnly: boolean;
  /** Send credentials over plain HTTP also to other machines. */
  plaintextCredentials: boolean;
}

export interface Network {
  settings: NetworkSettings;
  send: Next;
  /** Ends all connections, also those in use. */
  close(): Promise<void>;
}

/** A network without connections. */
export function createNetwork(settings: NetworkSettings, now: Now): Network {
  const { changes } = settings.trust;
  const retired = new Set<Agents>();
  let agents: Agents | undefined;
  let closed = false;
  let unwatch = () => {};
  /** Requests in progress finish with the old identity. New requests do not use it. */
  const replace = (trust: Trust) => {
    const old = agents;
    agents = openAgents({ ...settings, trust }, now);
    if (old === undefined) return;
    retired.add(old);
    old.finish().then(() => retired.delete(old));
  };
  const open = () => {
    if (closed) throw new TypeError('the client is closed');
    if (agents === undefined) {
      agents = openAgents({ ...settings, trust: changes?.current() ?? settings.trust }, now);
      if (changes !== undefined) unwatch = changes.watch(replace);
    }
    return agents;
  };
  return {
    settings,
    send: async (request) => send(request, open(), settings, now),
    async close() {
      closed = true;
      unwatch();
      await Promise.all([agents, ...retired].map((one) => one?.destroy()));
    },
  };
}

interface Agents {
  /** To servers, through tunnels where needed. */
  servers: Dispatcher;
  /** To proxies, for requests over plain HTTP. */
  proxies: Dispatcher;
  explain: Explain;
  log: ConnectionLog;
  /** Ends each connection when its requests are over. */
  finish(): Promise<void>;
  destroy(): Promise<void>;
}

function openAgents(settings: NetworkSettings, now: Now): Agents {
  const { timeouts, trust, publicOnly, http2 } = settings;
  const log = createConnectionLog(now);
  const { connectSeconds } = timeouts;
  const isAllowed = publicOnly ? createPublicCheck() : undefined;
  // The caller chose the proxy's address, so it is not restricted. Pins and the name are for the server, not
  // the proxy.
  const proxyTrust = { ...trust, pins: [], serverName: undefined };
  const opening = new Set<Socket>();
  const toProxy = createConnector(proxyTrust, { connectSeconds, opening });
  const direct = { connectSeconds, opening, readsDirectly: true };
  const toServer = createConnector(trust, { ...direct, isAllowed, http2, log });
  const servers = openAgent(settings, throughTunnels(settings, { direct: toServer, toProxy, opening }));
  const proxies = openAgent(settings, toItsOwnName(createConnector(proxyTrust, direct)));
  return {
    servers,
    proxies,
    log,
    explain: explainErrors({ timeouts, overSocket: false, hasCertificate: trust.hasCertificate }),
    finish: async () => void (await Promise.allSettled([servers.close(), proxies.close()])),
    async destroy() {
      const destroyed = Promise.all([servers.destroy(), proxies.destroy()]);
      // undici waits for these until their time is up.
      for (const socket of opening) socket.destroy(new Error('the client is closed'));
      await destroyed;
    },
  };
}

/** undici would ask the proxy for the certificate of the host in the request. */
function toItsOwnName(connect: buildConnector.connector): buildConnector.connector {
  return ({ servername: _ofTarget, ...target }, callback) => connect(target, callback);
}

function openAgent({ timeouts, limits, http2 }: NetworkSettings, connect: buildConnector.connector): Agent {
  return new Agent({
    allowH2: http2,
    headersTimeout: timeouts.headersSeconds * 1000,
    bodyTimeout: timeouts.bodySeconds * 1000,
    maxHeaderSize: limits.headerBytes,
    connect,
  });
}

async function send(
  request: HttpRequest,
  agents: Agents,
  settings: NetworkSettings,
  now: Now,
): Promise<Response> {
  const hop = beginHop(request, agents.log, now);
  try {
    const { url } = request;
    const proxy = url.protocol === 'http:' ? settings.proxy(url) : undefined;
    requireConfidential(request, proxy, settings);
    if (settings.publicOnly) requireOwnConnection(url, settings);
    const watchers = watchersOf(request, hop);
    const answer =
      proxy === undefined
        ? await exchange(
            agents.servers,
            toUndici(request, url.origin, url.pathname + url.search),
            request.signal,
            agents.explain,
            watchers,
          )
        : await throughProxy(request, proxy, { ...agents, watchers });
    hop?.end(answer.status);
    const { limits } = settings;
    const decompress = settings.decompress && request.method !== 'HEAD';
    return lazyResponse({ answer, request, now, limits, decompress });
  } catch (error) {
    hop?.end(undefined);
    throw typedError(error, request, now);
  }
}

/** Undefined if no one observes the exchange. */
function watchersOf(request: HttpRequest, hop: HopClock | undefined): Watchers | undefined {
  const progress = countProgress(request);
  return progress === undefined && hop === undefined ? undefined : { progress, sent: () => hop?.sent() };
}

function toUndici(request: HttpRequest, origin: string, path: string): Dispatcher.DispatchOptions {
  const { method, headers, content } = request;
  return {
    origin,
    path,
    method: method as Dispatcher.HttpMethod,
    headers: flatFields(headers),
    body: typeof content === 'function' ? content() : content,
  };
}

/** Over plain HTTP a proxy gets the whole request, with the URL in its first line (RFC 9112 §3.2.2). */
async function throughProxy(
  request: HttpRequest,
  { url: proxy, credentials }: ChosenProxy,
  { proxies, explain, watchers }: Agents & { watchers: Watchers | undefined },
): Promise<Answer> {
  const uri = request.url.href.split('#')[0] as string;
  const target = { method: request.method, uri, content: bytesOf(request) };
  const attempt = (authorization: string | undefined) => {
    const headers = copyFields(request.headers);
    headers.set('host', request.url.host);
    if (authorization !== undefined) headers.set('proxy-authorization', authorization);
    return exchange(
      proxies,
      toUndici({ ...request, headers }, proxy.origin, uri),
      request.signal,
      explain,
      watchers,
    );
  };
  const sent = credentials.authorize(target);
  const first = await attempt(sent);
  if (first.status !== 407) return first;
  const offered = String(first.fields['proxy-authenticate'] ?? '');
  await first.body.discard(REFUSAL_BYTES);
  if (!request.replayable || !credentials.accept(offered, sent)) throw refused(proxy, request.url, offered);
  const second = await attempt(credentials.authorize(target));
  if (second.status !== 407) return second;
  await second.body.discard(REFUSAL_BYTES);
  throw refused(proxy, request.url, offered);
}

const REFUSAL_BYTES = 128 * 1024;

/** A proxy resolves the name itself, so that its address cannot be checked here. */
function requireOwnConnection(url: URL, { proxy }: NetworkSettings): void {
  const chosen = proxy(url);
  if (chosen === undefined) return;
  throw new ClientError(
    'forbidden_address',
    `${url.host} would be reached through the proxy ${chosen.url.host}, which chooses the address: name the host in noProxy, or use no publicOnly`,
  );
}

function refused(proxy: URL, { host }: URL, offered: string): ClientError {
  const message = proxyRefusal(407, { proxy: proxy.origin, authority: host, offered });
  return new ClientError('proxy', message, { cause: refusedWith(407) });
}

function bytesOf({ content }: HttpRequest): string | Uint8Array | null {
  return typeof content === 'function' ? null : content;
}

/** Others can read a credential that is sent over plain HTTP. */
function requireConfidential(
  { url, headers, secrets }: HttpRequest,
  proxy: ChosenProxy | undefined,
  { plaintextCredentials }: NetworkSettings,
): void {
  // For a proxy on another machine, `localhost` is that machine, and the proxy reads the request.
  const staysHere = isLoopback(url.hostname) && (proxy === undefined || isLoopback(proxy.url.hostname));
  if (url.protocol === 'https:' || plaintextCredentials || staysHere) return;
  if (![...CREDENTIALS, ...secrets].some((name) => headers.has(name))) return;
  throw new ClientError(
    'identity_plaintext',
    `refused to send a credential over plain HTTP to ${url.host}: use https://`,
  );
}

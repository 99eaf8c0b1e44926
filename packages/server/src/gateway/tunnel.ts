// WebSockets (RFC 6455). The opening handshake is admitted like any request and forwarded to the upstream.
// Then bytes flow both ways until one side ends, or both are silent for the stall time.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import type { GatewayRoute } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { endInStages } from './connection.ts';
import type { Exchange } from './exchange.ts';
import { requestFields, responseFields } from './header-fields.ts';
import { responseHead } from './reply.ts';
import type { CheckedRequest } from './request-check.ts';
import { namesWebSocket } from './request-check.ts';
import type { GatewayTimeouts } from './settings.ts';
import { answerFlaw, asciiPhrase, upstreamError } from './upstream.ts';

export interface TunnelRequest {
  exchange: Exchange;
  request: CheckedRequest;
  route: GatewayRoute;
  assertion: string | undefined;
  isOwnCredential(value: string): boolean;
  client: Duplex;
  /** What the client sent after its handshake. */
  head: Buffer;
}

/**
 * Resolves with the upstream's status when the tunnel has ended. Rejects, with nothing sent yet, when there
 * was no answer.
 */
export function openTunnel(tunnel: TunnelRequest, timeouts: GatewayTimeouts): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = connectUpstream(tunnel, timeouts);
    const abandon = () => outgoing.destroy();
    tunnel.client.once('close', abandon);
    let begun = false;
    function fail(error: Error): void {
      outgoing.destroy();
      // A second answer would look like the body of the first one.
      if (begun) tunnel.client.destroy();
      else reject(upstreamError(error));
    }
    /** Whether the answer goes to the client. */
    function begin(flaw: Error | undefined): boolean {
      const obstacle = tunnel.client.destroyed ? new Error('the client has gone') : flaw;
      if (obstacle) fail(obstacle);
      else begun = true;
      return begun;
    }
    outgoing.on('error', fail);
    // Node handles a 101 without an Upgrade field as an informational answer.
    outgoing.on('information', ({ statusCode }) => {
      if (statusCode === 101) fail(new Error('101 without an upgrade'));
    });
    outgoing.once('upgrade', (answer, upstream, upstreamHead) => {
      tunnel.client.off('close', abandon);
      if (!begin(acceptanceFlaw(answer))) {
        upstream.destroy();
        return;
      }
      writeAnswerHead(tunnel, answer, ['Connection', 'Upgrade', 'Upgrade', 'websocket']);
      upstream.write(tunnel.head);
      tunnel.client.write(upstreamHead);
      join(tunnel, upstream, timeouts.stall);
      tunnel.client.once('close', () => resolve(101));
    });
    outgoing.once('response', (answer) => {
      if (!begin(refusalFlaw(answer))) return;
      // The upstream declined: the client gets its answer.
      writeAnswerHead(tunnel, answer, ['Connection', 'close']);
      passOn(answer, tunnel.client, timeouts.stall);
      tunnel.client.once('close', () => resolve(answer.statusCode ?? 502));
    });
  });
}

function connectUpstream(tunnel: TunnelRequest, timeouts: GatewayTimeouts): ClientRequest {
  const { exchange, request, route, assertion } = tunnel;
  const fields = requestFields(exchange.request.rawHeaders, {
    address: exchange.address,
    host: request.host,
    requestId: exchange.requestId,
    httpVersion: exchange.request.httpVersion,
    assertion,
    isOwnCredential: tunnel.isOwnCredential,
  });
  const url = new URL(route.upstream);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const outgoing = send({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || undefined,
    method: 'GET',
    path: request.path + request.query,
    headers: ['Host', url.host, ...fields, 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
    agent: false,
  });
  const timeout = setTimeout(() => {
    outgoing.destroy(new GatehouseError('upstream_timeout', 'The upstream took too long.'));
  }, timeouts.firstByte * 1000);
  for (const event of ['upgrade', 'response', 'close']) outgoing.once(event, () => clearTimeout(timeout));
  outgoing.end();
  return outgoing;
}

/**
 * RFC 6455 §4.1: what the answer must contain to accept the handshake. The client itself checks the
 * upstream's answer to its key.
 */
function acceptanceFlaw({ headers, rawHeaders, statusMessage = '' }: IncomingMessage): Error | undefined {
  if (!namesWebSocket(headers)) return new Error('101 without an upgrade to websocket');
  return answerFlaw(statusMessage, rawHeaders);
}

function refusalFlaw({ statusCode = 0, rawHeaders, statusMessage = '' }: IncomingMessage): Error | undefined {
  if (statusCode < 200 || statusCode > 599) return new Error(`status ${statusCode}`);
  return answerFlaw(statusMessage, rawHeaders);
}

function writeAnswerHead(tunnel: TunnelRequest, answer: IncomingMessage, connection: string[]): void {
  const status = answer.statusCode ?? 502;
  const fields = responseFields(answer.rawHeaders, {
    status,
    requestId: tunnel.exchange.requestId,
    upstreamOrigin: tunnel.route.upstream,
    host: tunnel.request.host,
  });
  tunnel.client.write(
    responseHead(status, asciiPhrase(answer.statusMessage ?? ''), [...fields, ...connection]),
    'latin1',
  );
}

/** Passes a whole answer to the client, then closes the connection. */
function passOn(answer: IncomingMessage, client: Duplex, stallSeconds: number): void {
  const stalled = setTimeout(() => client.destroy(), stallSeconds * 1000);
  client.once('close', () => clearTimeout(stalled));
  answer.on('data', () => stalled.refresh());
  answer.on('error', () => client.destroy());
  answer.once('end', () => endInStages(client));
  answer.pipe(client, { end: false });
}

/** Pipes both ways. Both sides end when one ends or fails, or when nothing passes for `stallSeconds`. */
function join({ client, exchange }: TunnelRequest, upstream: Duplex, stallSeconds: number): void {
  const stalled = setTimeout(cut, stallSeconds * 1000);
  let bytesIn = 0;
  exchange.bytesIn = () => bytesIn;
  client.on('data', (chunk: Buffer) => {
    bytesIn += chunk.length;
  });
  upstream.on('data', (chunk: Buffer) => {
    exchange.bytesOut += chunk.length;
  });
  function cut(): void {
    client.destroy();
    upstream.destroy();
  }
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.on('data', () => stalled.refresh());
    from.on('error', cut);
    from.once('close', () => {
      clearTimeout(stalled);
      endInStages(to);
    });
    from.pipe(to);
  }
}

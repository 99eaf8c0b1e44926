// Forwards an admitted request to its upstream and passes the answer back, both streamed with backpressure. A
// failure on one side ends this exchange on the other side, and nothing else.
import type { ServerResponse } from 'node:http';
import type { GatewayRoute } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { BodyPassed } from './body-garbage.ts';
import type { Exchange } from './exchange.ts';
import { requestFields, responseFields } from './header-fields.ts';
import { guardBody, tooLarge } from './request-body.ts';
import type { CheckedRequest } from './request-check.ts';
import type { GatewaySettings } from './settings.ts';
import type { AnswerControl, UpstreamClient } from './upstream.ts';

export interface Passage {
  exchange: Exchange;
  request: CheckedRequest;
  route: GatewayRoute;
  response: ServerResponse;
  /** The signed statement of who calls; undefined for anonymous requests. */
  assertion: string | undefined;
  isOwnCredential(value: string): boolean;
  /** Whether the client waits for 100 Continue before it sends its body (RFC 9110 §10.1.1). */
  expectsContinue: boolean;
}

export interface Forwarder {
  /** Resolves when the client has got the answer. Rejects, with nothing sent yet, when there is no answer. */
  forward(passage: Passage): Promise<void>;
}

export interface ForwarderDeps {
  upstream: UpstreamClient;
  bodyPassed: BodyPassed;
}

export function createForwarder(deps: ForwarderDeps, settings: GatewaySettings): Forwarder {
  return {
    forward(passage) {
      const { exchange, request, route } = passage;
      if (request.contentLength !== undefined && request.contentLength > route.maxBodyBytes) {
        return Promise.reject(tooLarge(route.maxBodyBytes));
      }
      const body = request.contentLength === 0 ? null : takeBody(passage, settings, deps.bodyPassed);
      const fields = requestFields(exchange.request.rawHeaders, {
        address: exchange.address,
        host: request.host,
        requestId: exchange.requestId,
        httpVersion: exchange.request.httpVersion,
        assertion: passage.assertion,
        isOwnCredential: passage.isOwnCredential,
      });
      return new Promise((resolve, reject) => {
        const sink = createAnswer(
          { ...passage, bodyPassed: deps.bodyPassed, stallSeconds: settings.timeouts.stall },
          { resolve, reject },
        );
        const path = request.path + request.query;
        deps.upstream.send({ origin: route.upstream, method: request.method, path, fields, body }, sink);
      });
    },
  };
}

function takeBody(passage: Passage, settings: GatewaySettings, passed: BodyPassed) {
  const { exchange, route, response, expectsContinue } = passage;
  if (expectsContinue) response.writeContinue();
  const limits = {
    maxBytes: route.maxBodyBytes,
    minBytesPerSecond: settings.minBodyBytesPerSecond,
    graceSeconds: settings.timeouts.body,
  };
  const body = guardBody(exchange.request, limits, passed);
  exchange.bytesIn = body.bytes;
  exchange.failBody = (error) => body.stream.destroy(error);
  return body.stream;
}

interface Outcome {
  resolve(): void;
  reject(error: GatehouseError): void;
}

interface AnswerPassage extends Passage {
  bodyPassed: BodyPassed;
  stallSeconds: number;
}

// 1xx answers have no backpressure: an upstream that sends more would fill the memory.
const MAX_INFORMATION = 16;

/** The sink that turns the upstream's answer into ours. */
function createAnswer(passage: AnswerPassage, outcome: Outcome) {
  const { exchange, request, route, response, bodyPassed, stallSeconds } = passage;
  const sentAt = performance.now();
  const factsOf = (status: number) => ({
    status,
    requestId: exchange.requestId,
    upstreamOrigin: route.upstream,
    host: request.host,
  });
  let control: AnswerControl | undefined;
  let stalled: NodeJS.Timeout | undefined;
  let informed = 0;

  response.once('close', () => {
    clearTimeout(stalled);
    if (!response.writableFinished) control?.abort();
  });
  response.on('drain', () => {
    clearTimeout(stalled);
    stalled = undefined;
    control?.resume();
  });

  // Sends the first part of the body in the same write as the head. If the body comes later, as with events
  // and slow bodies, the client gets the head at once.
  function flushHead(): void {
    if (exchange.bytesOut === 0 && !response.writableEnded && !response.destroyed) response.flushHeaders();
  }

  function waitForClient(): void {
    stalled ??= setTimeout(() => {
      exchange.reason = 'the client did not take the answer';
      response.destroy();
    }, stallSeconds * 1000);
  }

  return {
    started(started: AnswerControl) {
      control = started;
      if (response.destroyed) control.abort();
    },
    information(status: number, fields: string[]) {
      informed += 1;
      // RFC 9110 §15.2: HTTP/1.0 has no 1xx.
      const wanted = informed <= MAX_INFORMATION && exchange.request.httpVersion === '1.1';
      if (wanted && !response.destroyed) {
        response.writeInformation(status, responseFields(fields, factsOf(status)));
      }
    },
    head(status: number, statusText: string, fields: string[]) {
      exchange.upstreamMs = performance.now() - sentAt;
      const ours = responseFields(fields, factsOf(status));
      // The answer came before the whole request: this connection cannot be used again.
      if (!exchange.request.complete) ours.push('Connection', 'close');
      response.writeHead(status, statusText, ours);
      process.nextTick(flushHead);
    },
    data(chunk: Buffer) {
      if (response.destroyed) return;
      exchange.bytesOut += chunk.length;
      bodyPassed(chunk);
      if (response.write(chunk)) return;
      control?.pause();
      waitForClient();
    },
    end() {
      response.end();
      if (response.writableLength > 0 && !response.destroyed) waitForClient();
      outcome.resolve();
    },
    failed(error: GatehouseError) {
      if (!response.headersSent && !response.destroyed) {
        outcome.reject(error);
        return;
      }
      exchange.reason ??= failureReason(error);
      // Cutting the connection is the only way to say that the answer is incomplete (RFC 9112 §8).
      response.destroy();
      outcome.resolve();
    },
  };
}

export function failureReason(error: Error): string {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return error instanceof GatehouseError ? `${error.code}${cause}` : error.message;
}

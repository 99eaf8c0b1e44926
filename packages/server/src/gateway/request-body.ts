// Guards a request body on its way to the upstream: it enforces the size limit and the slowest allowed rate.
// Time in which the upstream does not read does not count against the client.
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { GatehouseError } from '@gatehouse/access';
import type { BodyPassed } from './body-garbage.ts';

export interface BodyLimits {
  maxBytes: number;
  /** 0 allows any rate. */
  minBytesPerSecond: number;
  /** How long the body may stay below the rate, or stop. */
  graceSeconds: number;
}

export interface GuardedBody {
  /** Fails with `content_too_large`, `request_timeout`, or `bad_request` when the client goes away midway. */
  stream: Transform;
  bytes(): number;
}

const MAX_CHECK_INTERVAL_MS = 1000;

/** `passed` is called with every chunk. */
export function guardBody(
  request: IncomingMessage,
  limits: BodyLimits,
  passed: BodyPassed = () => {},
): GuardedBody {
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      passed(chunk);
      if (bytes > limits.maxBytes) done(tooLarge(limits.maxBytes));
      else done(null, chunk);
    },
  });
  const watch = watchRate(stream, limits, () => bytes);
  request.on('close', () => {
    if (!request.complete) stream.destroy(new GatehouseError('bad_request', 'The body was cut off.'));
  });
  stream.on('close', () => {
    clearInterval(watch);
    request.unpipe(stream);
    // Discards what still comes after an early end.
    request.resume();
  });
  request.pipe(stream);
  return { stream, bytes: () => bytes };
}

export function tooLarge(maxBytes: number): GatehouseError {
  return new GatehouseError('content_too_large', `A body here has at most ${maxBytes} bytes.`);
}

function watchRate(stream: Transform, limits: BodyLimits, bytes: () => number): NodeJS.Timeout | undefined {
  if (limits.minBytesPerSecond === 0) return undefined;
  const intervalMs = Math.min(MAX_CHECK_INTERVAL_MS, (limits.graceSeconds * 1000) / 4);
  let patienceSeconds = limits.graceSeconds;
  let seen = 0;
  return setInterval(() => {
    const upstreamIsSlow = stream.writableNeedDrain;
    const earned = (bytes() - seen) / limits.minBytesPerSecond;
    seen = bytes();
    // Never more than the grace period: otherwise a fast beginning would buy hours of silence.
    const next = patienceSeconds + earned - (upstreamIsSlow ? 0 : intervalMs / 1000);
    patienceSeconds = Math.min(limits.graceSeconds, next);
    if (patienceSeconds <= 0)
      stream.destroy(new GatehouseError('request_timeout', 'The body came too slowly.'));
  }, intervalMs);
}

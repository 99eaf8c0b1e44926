// The access log: one JSON line for each request, written by the worker that served it. It leaves out query
// strings, since they may hold secrets.
import { recordedPath } from '@gatehouse/access';
import { pino } from 'pino';
import { openLineWriter } from '../platform/line-writer.ts';
import type { NegotiatedTls } from '../platform/tls.ts';
import type { Exchange } from './exchange.ts';

export interface AccessLog {
  write(exchange: Exchange, status: number): void;
  /** Logs a request that could not be parsed. Only the reason is known. */
  writeMalformed(refusal: MalformedRequest): void;
  /** Opens the file again after it was renamed. */
  reopen(): void;
  flush(): void;
}

export interface MalformedRequest {
  requestId: string;
  status: number;
  reason: string;
  address: string;
  tls: NegotiatedTls;
}

const STDOUT = 1;
const BUFFER_BYTES = 8192;
const FLUSH_INTERVAL_MS = 500;

/** `target` is the path of a file, `stdout` or `none`. `failed` is called when lines cannot be written. */
export function createAccessLog(target: string, failed: (error: unknown) => void): AccessLog {
  if (target === 'none') return { write() {}, writeMalformed() {}, reopen() {}, flush() {} };
  const lines = openLineWriter(target === 'stdout' ? STDOUT : target, { bufferBytes: BUFFER_BYTES, failed });
  const log = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    lines,
  );
  setInterval(lines.flush, FLUSH_INTERVAL_MS).unref();

  return {
    write: (exchange, status) => log.info(accessRecord(exchange, status)),
    writeMalformed({ requestId, status, reason, address, tls }) {
      log.info({ request_id: requestId, decision: 'refused', reason, status, address, ...tlsFields(tls) });
    },
    reopen: lines.reopen,
    flush: lines.flush,
  };
}

function accessRecord(exchange: Exchange, status: number) {
  const { principal, route, request } = exchange;
  return {
    request_id: exchange.requestId,
    principal: principal?.name ?? null,
    via: principal?.via ?? null,
    key_id: principal?.keyId,
    certificate_serial: principal?.certificateSerial,
    method: request.method,
    path: recordedPath(exchange.path),
    route: route?.id ?? null,
    decision: exchange.decision,
    reason: exchange.reason,
    status,
    bytes_in: exchange.bytesIn(),
    bytes_out: exchange.bytesOut,
    duration_ms: milliseconds(performance.now() - exchange.startedAt),
    upstream_ms: exchange.upstreamMs === undefined ? undefined : milliseconds(exchange.upstreamMs),
    address: exchange.address,
    ...tlsFields(exchange.tls),
  };
}

function tlsFields(tls: NegotiatedTls) {
  return { tls_version: tls.version, tls_group: tls.group, tls_cipher: tls.cipher };
}

function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}

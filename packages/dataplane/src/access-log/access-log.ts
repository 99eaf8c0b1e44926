// The access log: one JSON line for each request, written by the process that served it. Its lines are those
// of the event `request` in the catalogue.
import type { AccessRecord } from '../exchange/access-record.ts';
import { openLineWriter } from './line-writer.ts';

export interface AccessLog {
  /** The members of the record follow the event, in order. Undefined members are left out. */
  write(record: AccessRecord): void;
  /** Opens the file again after it was renamed. */
  reopen(): void;
  flush(): void;
}

/**
 * The descriptor of the server's standard output, which the process inherits. Its own standard output is the
 * link.
 */
const INHERITED_STDOUT = 3;
const FLUSH_INTERVAL_MS = 500;

/**
 * `target` is the path of a file, `stdout`, or `none` for no log. `failed` is called when lines cannot be
 * written.
 */
export function createAccessLog(target: string, failed: (error: unknown) => void): AccessLog | undefined {
  if (target === 'none') return undefined;
  const lines = openLineWriter(target === 'stdout' ? INHERITED_STDOUT : target, failed);
  setInterval(lines.flush, FLUSH_INTERVAL_MS).unref();
  const lineStart = createLineStart();
  return {
    write({ requestId, asked, measured, client }) {
      lines.octets(lineStart());
      lines.ascii(requestId);
      lines.ascii('",');
      lines.octets(asked.octets);
      lines.ascii(measuredText(measured));
      lines.octets(client.octets);
      lines.ascii('}\n');
      lines.end();
    },
    reopen: lines.reopen,
    flush: lines.flush,
  };
}

/** Up to the id of the request. Lines of the same millisecond share it. */
function createLineStart(): () => Uint8Array {
  let last = Number.NaN;
  let octets: Uint8Array = Buffer.alloc(0);
  return () => {
    const now = Date.now();
    if (now === last) return octets;
    last = now;
    const time = new Date(now).toISOString();
    octets = Buffer.from(`{"level":"info","time":"${time}","event":"request","requestId":"`);
    return octets;
  };
}

/** Does not use JSON.stringify, because that would take most of the time of a line. */
function measuredText({
  status,
  bytesIn,
  bytesOut,
  durationMs,
  upstreamMs,
}: AccessRecord['measured']): string {
  let text = `,"status":${status}`;
  if (bytesIn !== undefined) text += `,"bytesIn":${bytesIn}`;
  if (bytesOut !== undefined) text += `,"bytesOut":${bytesOut}`;
  if (durationMs !== undefined) text += `,"durationMs":${rounded(durationMs)}`;
  if (upstreamMs !== undefined) text += `,"upstreamMs":${rounded(upstreamMs)}`;
  return `${text},`;
}

/** To microseconds. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

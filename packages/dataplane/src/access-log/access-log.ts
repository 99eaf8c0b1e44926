// The access log: one JSON line for each request, written by the process that served it. Its lines are those
// of the event `request` in the catalogue.
import { openLineWriter } from './line-writer.ts';

export interface AccessLog {
  /** The members of the record follow the event, in their order; undefined ones are left out. */
  write(record: object): void;
  /** Opens the file again after it was renamed. */
  reopen(): void;
  flush(): void;
}

/** Where the process inherits the server's standard output: its own carries the link. */
const INHERITED_STDOUT = 3;
const FLUSH_INTERVAL_MS = 500;

/**
 * `target` is the path of a file, `stdout` or `none`, for which there is no log. `failed` is called when
 * lines
 * cannot be written.
 */
export function createAccessLog(target: string, failed: (error: unknown) => void): AccessLog | undefined {
  if (target === 'none') return undefined;
  const lines = openLineWriter(target === 'stdout' ? INHERITED_STDOUT : target, failed);
  setInterval(lines.flush, FLUSH_INTERVAL_MS).unref();
  const timestamp = createTimestamp();
  return {
    write(record) {
      lines.write(
        `{"level":"info","time":"${timestamp()}","event":"request",${JSON.stringify(record).slice(1)}\n`,
      );
    },
    reopen: lines.reopen,
    flush: lines.flush,
  };
}

/** The time in ISO 8601. Lines of the same millisecond share its text. */
function createTimestamp(): () => string {
  let last = Number.NaN;
  let formatted = '';
  return () => {
    const now = Date.now();
    if (now !== last) formatted = new Date(now).toISOString();
    last = now;
    return formatted;
  };
}

// A progress bar on standard error, if that is a terminal: the received part of a download, its speed, and
// the remaining time. It is removed when the download has ended.
import type { CliProcess } from '../../process.ts';

const REFRESH_MS = 100;
const BAR_CELLS = 24;
const CLEAR_LINE = '\r\x1b[2K';
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** The size of the download. */
export interface Extent {
  /** Undefined if the server does not say it. */
  total: number | undefined;
  /** The octets from an earlier run. Default: 0. */
  have?: number;
}

/** The same octets. Shows a bar meanwhile. */
export async function* withProgress(
  body: AsyncIterable<Uint8Array>,
  { total, have = 0 }: Extent,
  { stderr }: Pick<CliProcess, 'stderr'>,
  now: () => number = () => performance.now(),
): AsyncGenerator<Uint8Array> {
  const from = now();
  let bytes = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (stderr.isTTY && now() - shownAt >= REFRESH_MS) {
        shownAt = now();
        stderr.write(
          CLEAR_LINE + progressLine({ bytes, total, have, seconds: (now() - from) / 1000 }, stderr.columns),
        );
      }
      yield chunk;
    }
  } finally {
    if (shownAt > 0) stderr.write(CLEAR_LINE);
  }
}

/** One line, not longer than the terminal is wide. */
export function progressLine(
  { bytes: come, total, have = 0, seconds }: Extent & { bytes: number; seconds: number },
  columns = 80,
): string {
  const bytes = have + come;
  const rate = seconds > 0 ? come / seconds : 0;
  const speed = `${sizeText(rate)}/s`;
  if (total === undefined || total === 0) return `${sizeText(bytes)}  ${speed}`.slice(0, columns - 1);
  const share = Math.min(1, bytes / total);
  const filled = Math.round(share * BAR_CELLS);
  const bar = `[${'='.repeat(filled)}${' '.repeat(BAR_CELLS - filled)}]`;
  const left = rate > 0 ? `  ${Math.ceil((total - bytes) / rate)} s left` : '';
  const text = `${Math.floor(share * 100)} %  ${sizeText(bytes)} of ${sizeText(total)}  ${speed}${left}`;
  return `${bar} ${text}`.slice(0, columns - 1);
}

/** Octets in words: `12.5 MB`. */
export function sizeText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

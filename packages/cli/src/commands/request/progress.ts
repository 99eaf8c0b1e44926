// A progress bar on standard error, if that is a terminal: how much of a download has come, how fast, and how
// long the rest takes. It is removed when the download is over.
import type { CliProcess } from '../../process.ts';

const REFRESH_MS = 100;
const BAR_CELLS = 24;
const CLEAR_LINE = '\r\x1b[2K';
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** The same octets, with a bar meanwhile. `total` is undefined if the server does not say it. */
export async function* withProgress(
  body: AsyncIterable<Uint8Array>,
  total: number | undefined,
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
          CLEAR_LINE + progressLine({ bytes, total, seconds: (now() - from) / 1000 }, stderr.columns),
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
  { bytes, total, seconds }: { bytes: number; total: number | undefined; seconds: number },
  columns = 80,
): string {
  const rate = seconds > 0 ? bytes / seconds : 0;
  const speed = `${sizeText(rate)}/s`;
  if (total === undefined || total === 0) return `${sizeText(bytes)}  ${speed}`.slice(0, columns - 1);
  const share = Math.min(1, bytes / total);
  const filled = Math.round(share * BAR_CELLS);
  const bar = `[${'='.repeat(filled)}${' '.repeat(BAR_CELLS - filled)}]`;
  const left = rate > 0 ? `  ${Math.ceil((total - bytes) / rate)} s left` : '';
  const text = `${Math.floor(share * 100)} %  ${sizeText(bytes)} of ${sizeText(total)}  ${speed}${left}`;
  return `${bar} ${text}`.slice(0, columns - 1);
}

function sizeText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

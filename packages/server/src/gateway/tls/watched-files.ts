// Notices when files change, and waits until a program that writes them has finished.
import { statSync } from 'node:fs';

export interface WatchedFiles {
  /**
   * Whether the files differ from those of the last call that returned true, or from those at the start. Call
   * it repeatedly: it returns true only if the files have not changed since the previous call.
   */
  haveChanged(): boolean;
}

/** How often the files are checked. A change is in force after two checks. */
export const WATCH_INTERVAL_SECONDS = 1;

/** Starts with the current files: read them after this call. */
export function watchFiles(paths: readonly string[]): WatchedFiles {
  let read = stampOf(paths);
  let seen = read;
  return {
    haveChanged() {
      const stamp = stampOf(paths);
      const isSettled = stamp === seen;
      seen = stamp;
      if (!isSettled || stamp === read) return false;
      read = stamp;
      return true;
    },
  };
}

/** Changes when one of the files is written, replaced or removed. */
function stampOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat ? [stat.dev, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(':') : 'missing';
    })
    .join(' ');
}

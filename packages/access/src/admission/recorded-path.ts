// Paths in logs and in the ledger.

const RECORDED_PATH_LENGTH = 1024;

/**
 * Truncates a path for logs and the ledger: long enough to recognise it, too short to fill the disk.
 * @example
 * const path = recordedPath(exchange.path);
 */
export function recordedPath(path: string): string {
  return path.length > RECORDED_PATH_LENGTH ? `${path.slice(0, RECORDED_PATH_LENGTH)}…` : path;
}

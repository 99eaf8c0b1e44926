// `--retry TIMES`. In a separate file, because few requests load the retries themselves.

/** More retries make no sense, because the waits grow. */
export const MOST_RETRIES = 20;

/** Throws `TypeError`. */
export function parseRetries(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) <= MOST_RETRIES) return Number(text);
  throw new TypeError(`expected a number from 0 to ${MOST_RETRIES}`);
}

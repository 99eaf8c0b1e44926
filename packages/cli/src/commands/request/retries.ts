// `--retry TIMES`: apart from the retries themselves, which few requests load.

/** The most that makes sense: the waits grow. */
export const MOST_RETRIES = 20;

/** Throws `TypeError`. */
export function parseRetries(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) <= MOST_RETRIES) return Number(text);
  throw new TypeError(`expected a number from 0 to ${MOST_RETRIES}`);
}

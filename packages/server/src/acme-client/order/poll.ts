// Waits until the directory has decided about a resource (RFC 8555 §7.5.1). The directory says how often to
// ask.
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Session } from '../directory/session.ts';
import { OrderFailure } from '../failure.ts';

export interface Polling {
  session: Session;
  kid: string;
  now(): number;
  signal: AbortSignal;
}

const FIRST_MS = 250;
const LONGEST_MS = 5000;
const TIME_MS = 300_000;

/** Reads `url` until its status is not in `pending`. Throws `OrderFailure` after five minutes. */
export async function poll(
  { session, kid, now, signal }: Polling,
  url: string,
  pending: readonly string[],
): Promise<Answer> {
  const until = performance.now() + TIME_MS;
  for (let pauseMs = FIRST_MS; ; pauseMs = Math.min(LONGEST_MS, pauseMs * 1.5)) {
    const answer = await session.post(url, { kid });
    if (!pending.includes(String(answer.body.status))) return answer;
    if (performance.now() > until)
      throw new OrderFailure(`The directory did not decide within ${TIME_MS / 60_000} minutes (${url}).`);
    const wanted = (answer.retryAt ?? 0) - now();
    await delay(Math.min(Math.max(wanted, pauseMs), LONGEST_MS * 4), undefined, { signal });
  }
}

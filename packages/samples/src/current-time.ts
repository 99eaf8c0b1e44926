// The local time as JSON, in the form of C's asctime (ISO C §7.29.3.1), with the same entity tag as Tornado:
// the SHA-1 of the body, which is only a checksum.
import { hash } from 'node:crypto';
import { formatPythonJson } from '@gatehouse/protocol';
import { isUnchanged, jsonAnswer, unchangedAnswer } from './answers.ts';
import type { Route } from './routes.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `GET /`. The clock returns milliseconds since the epoch. */
export function currentTimeRoutes(clock: () => number): Route[] {
  return [{ path: '/', methods: { GET: (context) => answer(context.req.raw, new Date(clock())) } }];
}

/** `Mon Apr 21 20:50:37 2025`: local time, with a space before a day of one digit. */
export function formatCtime(date: Date): string {
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits);
  const day = String(date.getDate()).padStart(2, ' ');
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${day} ${hours}:${minutes}:${seconds} ${date.getFullYear()}`;
}

function answer(request: Request, now: Date): Response {
  const value = { message: `The current time is ${formatCtime(now)}` };
  const etag = `"${hash('sha1', formatPythonJson(value))}"`;
  return isUnchanged(request, etag) ? unchangedAnswer(etag) : jsonAnswer(200, value, { ETag: etag });
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

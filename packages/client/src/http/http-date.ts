// Dates of HTTP (RFC 9110 §5.6.7): the usual form and the two old ones, and nothing else. `Date.parse`
// accepts far more. Loads nothing of Node.

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';
const FORMS = [
  `${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT`,
  `${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT`,
  `${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`, 'i'));

/** Milliseconds since 1970; undefined if it is not a date. `now` is for years with two digits. */
export function parseHttpDate(text: string | null | undefined, now = Date.now()): number | undefined {
  const groups = FORMS.map((form) => form.exec(text ?? '')?.groups).find((each) => each !== undefined);
  if (groups === undefined) return undefined;
  const { year = '', month = '', day, hour, minute, second } = groups;
  const [days, hours, minutes, seconds] = [day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const date = new Date(Date.UTC(fullYear(year, now), monthOf(month), days, hours, minutes, seconds));
  // Otherwise, 30 February would become a day of March, and 24:00 the next day.
  return date.getUTCDate() === days && hours < 24 && minutes < 60 && seconds <= 60
    ? date.getTime()
    : undefined;
}

/** A year that would be more than 50 years ahead belongs to the last century. */
function fullYear(year: string, now: number): number {
  if (year.length === 4) return Number(year);
  const thisYear = new Date(now).getUTCFullYear();
  const full = thisYear - (thisYear % 100) + Number(year);
  return full > thisYear + 50 ? full - 100 : full;
}

function monthOf(name: string): number {
  return MONTHS.findIndex((month) => month.toLowerCase() === name.toLowerCase());
}

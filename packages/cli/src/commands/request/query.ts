// Items after the URL: `name==value` is a part of its query, as in HTTPie.
import { usageError } from '../../exit-status.ts';

/** The URL with these items at the end of its query. What it had is not changed. Throws a usage error. */
export function withQuery(url: URL, items: readonly string[]): URL {
  if (items.length === 0) return url;
  const pairs = new URLSearchParams(items.map(parseItem)).toString();
  const extended = new URL(url);
  extended.search = url.search === '' ? pairs : `${url.search}&${pairs}`;
  return extended;
}

function parseItem(item: string): [name: string, value: string] {
  const [, name, value] = /^([^=]+)==(.*)$/s.exec(item) ?? [];
  if (name === undefined || value === undefined) {
    throw usageError('after the URL, each argument should read name==value, for its query');
  }
  return [name, value];
}

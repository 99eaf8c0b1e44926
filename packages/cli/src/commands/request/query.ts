// Items of the query: `name==value`, as in HTTPie.

/** The URL with these pairs at the end of its query. Its existing query is not changed. */
export function withQuery(url: URL, items: readonly (readonly [name: string, value: string])[]): URL {
  if (items.length === 0) return url;
  const pairs = new URLSearchParams(items.map((pair) => [...pair])).toString();
  const extended = new URL(url);
  extended.search = url.search === '' ? pairs : `${url.search}&${pairs}`;
  return extended;
}

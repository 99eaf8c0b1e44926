// Lists of the admin API, which come in pages: each answer says where the next page begins.
import type { Transport } from './transport.ts';

const PAGE_ENTRIES = 500;

export interface PagedList {
  path: string;
  /** The member of an answer that holds its entries. */
  member: string;
  /** Filters. `undefined` ones are not sent. */
  query?: Readonly<Record<string, string | undefined>>;
}

/** Every entry of every page. Throws as `Transport.call` does. */
export async function readPages<Entry>(
  transport: Transport,
  { path, member, query = {} }: PagedList,
): Promise<Entry[]> {
  const parameters = new URLSearchParams({ limit: String(PAGE_ENTRIES) });
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
  const all: Entry[] = [];
  for (let isLast = false; !isLast; ) {
    const page = await transport.call<Record<string, unknown>>('GET', `${path}?${parameters}`);
    all.push(...(page[member] as Entry[]));
    isLast = typeof page.next !== 'string';
    parameters.set('after', String(page.next));
  }
  return all;
}

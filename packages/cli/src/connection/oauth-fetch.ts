// `fetch` for the endpoints of OAuth: over HTTPS to a server that the roots of the command trust.
import { buffer } from 'node:stream/consumers';
import type { Fetch } from '@gatehouse/client/oauth';
import { usageError } from '../exit-status.ts';
import { createTrustingClient, type TrustFlags } from './trust.ts';

const PATIENCE_SECONDS = 30;
const timeouts = {
  connectSeconds: PATIENCE_SECONDS,
  headersSeconds: PATIENCE_SECONDS,
  bodySeconds: PATIENCE_SECONDS,
};

export async function openFetch(
  flags: TrustFlags,
  env: NodeJS.ProcessEnv,
): Promise<{ fetch: Fetch; close(): Promise<void> }> {
  const client = await createTrustingClient(flags, env, { timeouts });
  const fetch: Fetch = async (url, { method = 'GET', headers, body }) => {
    if (!url.startsWith('https:'))
      throw usageError('the server should have an address that begins with https://');
    const sent = body === undefined || body === null ? {} : { body: String(body) };
    const fields = Object.fromEntries(new Headers(headers));
    const answer = await client.request(url, { method, headers: fields, ...sent });
    const octets = new Uint8Array(await buffer(answer.body));
    const received = Object.entries(answer.headers).flatMap(([name, values]) =>
      [values ?? []].flat().map((value): [string, string] => [name, value]),
    );
    const isEmpty = answer.status === 204 || answer.status === 304;
    return new Response(isEmpty ? null : octets, { status: answer.status, headers: received });
  };
  return { fetch, close: () => client.close() };
}

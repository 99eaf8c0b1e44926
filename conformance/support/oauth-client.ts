// Helpers for OAuth tests: `fetch` that trusts the root of the server, its endpoints, and new clients.
import type { Answer } from './https-client.ts';
import { ask } from './https-client.ts';
import type { ServerUnderTest } from './server-under-test.ts';

export type Fetch = (url: string | URL | Request, options?: RequestInit) => Promise<Response>;

export type RegisteredClient = {
  client_id: string;
  client_secret: string;
  name: string;
};

/** `fetch` for the listeners of a server. It follows no redirect. */
export function fetchWith(ca: string): Fetch {
  return async (input, options = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { method = 'GET', headers, body } = options;
    const sent = body === null || body === undefined ? undefined : await new Response(body).text();
    const answer = await ask({
      port: Number(url.port),
      ca,
      path: `${url.pathname}${url.search}`,
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(sent !== undefined && { body: sent }),
    });
    const isEmpty = answer.status === 204 || answer.status === 304;
    const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
    return new Response(isEmpty ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: fields as [string, string][],
    });
  };
}

export interface OauthServer {
  issuer: string;
  gateway: string;
  fetch: Fetch;
  /** A new client; `metadata` as in the admin API. */
  register(metadata: { grants: string[]; [member: string]: unknown }): Promise<RegisteredClient>;
  /** Sends a form to an endpoint, as this client. */
  post(
    path: string,
    form: Form,
    client?: Pick<RegisteredClient, 'client_id' | 'client_secret'>,
  ): Promise<Answer>;
}

export type Form = Record<string, string> | string;

export function oauthAt(server: ServerUnderTest): OauthServer {
  const { controlPort: port, ca, admin, running } = server;
  let named = 0;
  return {
    issuer: running.ready.control,
    gateway: running.ready.gateway,
    fetch: fetchWith(ca),
    async register(metadata) {
      const name = `client-${++named}`;
      return (await admin('POST', '/admin/clients', { name, ...metadata })) as unknown as RegisteredClient;
    },
    post(path, form, client) {
      const body = typeof form === 'string' ? form : new URLSearchParams(form).toString();
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        ...(client && { authorization: basic(client) }),
      };
      return ask({ port, ca, path, method: 'POST', headers, body });
    },
  };
}

export function basic({
  client_id: id,
  client_secret: secret,
}: Pick<RegisteredClient, 'client_id' | 'client_secret'>) {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

/** The claims of a JWT, unverified. */
export function claimsOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString('utf8'));
}

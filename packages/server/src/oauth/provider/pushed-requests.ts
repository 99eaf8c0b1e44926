// A pushed authorization request gets only one answer (RFC 9126 §4, §7.3). oidc-provider consumes it when it
// issues the code, and not when the page is opened, so that a person can reload it (FAPI 2.0 §5.3.2.2). Here,
// an error for the client consumes it, too.
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

type Middleware = Parameters<Provider['use']>[0];

export function useUpPushedRequests(provider: Provider): Middleware {
  /** Requests that end with an error for the client. */
  const refused = new WeakSet<object>();
  provider.on('authorization.error', (ctx, error) => {
    if (isForClient(ctx, error)) refused.add(ctx);
  });
  return async (given, next) => {
    await next();
    const ctx = given as unknown as KoaContextWithOIDC;
    if (!refused.has(ctx)) return;
    const { PushedAuthorizationRequest: pushed, Interaction: interaction } = ctx.oidc
      .entities as unknown as Entities;
    const id = pushed?.jti ?? interaction?.parJti;
    if (id !== undefined) await useUp(provider, id);
  };
}

interface Entities {
  PushedAuthorizationRequest?: { jti: string };
  Interaction?: { parJti?: string };
}

/** Otherwise the answer is a page, and the browser can continue. */
function isForClient({ oidc }: KoaContextWithOIDC, error: object): boolean {
  const { client, params } = oidc;
  const isRedirected = (error as { allow_redirect?: boolean }).allow_redirect === true;
  return isRedirected && client !== undefined && typeof params?.redirect_uri === 'string';
}

async function useUp({ PushedAuthorizationRequest: Pushed }: Provider, id: string): Promise<void> {
  const request = await Pushed.find(id, { ignoreExpiration: true });
  // Another answer at the same time may have consumed it.
  if (request && !request.consumed) await request.consume().catch(() => undefined);
}

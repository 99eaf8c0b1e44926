// The requests that oidc-provider sends. It refuses addresses of private networks, which is right for what a
// stranger names: documents about clients (server-side request forgery). Messages that a person signed out go
// only to URIs that an administrator registered, often in the own network, so they may go anywhere.
export const outboundFetch: typeof fetch = (input, init) => {
  if (init?.method !== 'POST') return fetch(input, init);
  const { dispatcher: _guard, ...options } = init as RequestInit & { dispatcher?: unknown };
  return fetch(input, options);
};

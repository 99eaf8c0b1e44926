// The requests that oidc-provider sends. It refuses addresses of private networks. That is right for
// documents about clients, because anyone can name their URLs (server-side request forgery). Messages about a
// sign-out may go to any address: an administrator registered their URIs, and they are often in a private
// network.
export const outboundFetch: typeof fetch = (input, init) => {
  if (init?.method !== 'POST') return fetch(input, init);
  const { dispatcher: _guard, ...options } = init as RequestInit & { dispatcher?: unknown };
  return fetch(input, options);
};

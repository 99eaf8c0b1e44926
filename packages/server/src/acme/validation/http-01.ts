// http-01 (RFC 8555 §8.3): fetches the key authorization over HTTP. Follows at most ten redirects, only to
// http and https and to the configured ports. Looks up and checks the host of each redirect again.
import { isIP } from 'node:net';
import { AcmeError, truncated } from '../problem.ts';
import { portOf } from '../urls.ts';
import type { ChallengeAttempt } from './attempt.ts';
import type { PinnedFetch } from './pinned-fetch.ts';

export interface HttpSettings {
  httpPort: number;
  tlsPort: number;
}

const MAX_REDIRECTS = 10;

/** Resolves when the key authorization was found. Throws AcmeError `connection`, `dns`, `unauthorized`. */
export async function validateHttp01(
  { identifier, token, keyAuthorization, signal }: ChallengeAttempt,
  fetch: PinnedFetch,
  settings: HttpSettings,
): Promise<void> {
  const host = isIP(identifier.value) === 6 ? `[${identifier.value}]` : identifier.value;
  let url = new URL(`http://${host}:${settings.httpPort}/.well-known/acme-challenge/${token}`);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const fetched = await fetch.get(url, signal);
    if ('text' in fetched) return requireKeyAuthorization(fetched.text, keyAuthorization, url);
    url = redirected(fetched.location, url, settings);
  }
  throw new AcmeError('connection', `More than ${MAX_REDIRECTS} redirects.`);
}

function requireKeyAuthorization(text: string, expected: string, url: URL): void {
  if (text.trimEnd() === expected) return;
  // The error does not quote the content: it may be a page of an internal service (RFC 8555 §10.4).
  throw new AcmeError(
    'unauthorized',
    `${truncated(url.href)} has content that is not the key authorization.`,
  );
}

function redirected(location: string, from: URL, { httpPort, tlsPort }: HttpSettings): URL {
  const url = URL.parse(location, from.href);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new AcmeError(
      'connection',
      `${truncated(from.href)} redirects to something other than a plain http or https URL.`,
    );
  }
  if ([80, 443, httpPort, tlsPort].includes(portOf(url))) return url;
  throw new AcmeError(
    'connection',
    `${truncated(from.href)} redirects to port ${portOf(url)}, where validation does not connect.`,
  );
}

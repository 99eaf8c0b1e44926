// Sealed requests in a browser (RFC 9458): only the gateway can read them. Only pinned keys are trusted,
// because a page has no roots. The first request loads this file.
import { ClientError } from '../errors.ts';
import { atStage, type HttpRequest, type Middleware } from '../http/middleware.ts';

/** How requests are sealed. */
export interface BrowserSealOptions {
  /** `sha256/BASE64` of the keys that may sign the keys of the gateway. */
  pins: readonly string[];
  /** Where sealed requests go. Default: the origin of each request. */
  gateway?: string | URL;
  /** The newest epoch of each gateway, by its origin. Give a store that outlives the page. Default: a Map. */
  seen?: { get(origin: string): number | undefined; set(origin: string, epoch: number): unknown };
}

/**
 * Seals requests, and opens the answers.
 * @example
 * const sealed = client().with(seal({ pins: ['sha256/…'] }));
 */
export function seal(options: BrowserSealOptions): Middleware {
  if (options.pins.length === 0) throw new TypeError('seal needs pins: a page has no roots');
  let sealing: Promise<typeof fetch> | undefined;
  return atStage('sealing', async (request) => {
    if (request.url.protocol !== 'https:') {
      throw new ClientError('identity_plaintext', 'sealed requests are for https:// alone: change the URL');
    }
    sealing ??= import('@gatehouse/protocol/sealed-fetch').then(({ createSealedFetch }) =>
      createSealedFetch(options),
    );
    const response = await (await sealing)(request.url.href, initOf(request)).catch((error) => {
      throw request.signal.aborted ? error : explained(error);
    });
    return Object.defineProperty(response, 'url', { value: request.url.href.replace(/#.*$/, '') });
  });
}

function initOf({ method, headers, content, signal }: HttpRequest): RequestInit {
  const body = (typeof content === 'function' ? content() : content) as BodyInit | null;
  return { method, headers: [...headers], body, signal };
}

function explained(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const cause = { cause: error };
  const { message } = error as Error;
  if (code === 'ohttp_configuration_invalid')
    return new ClientError('seal_trust', `refused the keys of the gateway: ${message}`, cause);
  if (code === 'ohttp_invalid' || code === 'ohttp_unknown_key')
    return new ClientError('seal_broken', `the sealed answer cannot be used: ${message}`, cause);
  return new ClientError('connect', 'cannot reach the gateway, or it does not allow this page (CORS)', cause);
}

// Client ids that are URLs of documents (draft-ietf-oauth-client-id-metadata-document §3), and the patterns
// of URLs that need no approval.

const MAX_LENGTH = 512;
const DOTS = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;

/**
 * The URL, if the text has the form of such a client id: https, a path, and no fragment, user or dot
 * segments. Its text must be the normalized form, so that two spellings are not two clients.
 */
export function documentUrl(id: string): URL | undefined {
  if (id.length > MAX_LENGTH || !id.startsWith('https://') || id.includes('#')) return undefined;
  const url = URL.parse(id);
  if (!url || url.href !== id || url.pathname === '/' || url.username || url.password) return undefined;
  const [path = ''] = id.slice('https://'.length).split('?');
  return DOTS.test(path) ? undefined : url;
}

export interface ApprovedUrls {
  has(url: URL): boolean;
}

const HOST = /^(?:\*\.)?[a-z0-9.-]+(?::\d+)?$/;

/** Whether a text of the setting is a host, `*.example.com`, or an https URL that may end in `*`. */
export function isApprovalPattern(text: string): boolean {
  return HOST.test(text) || documentUrl(text.replace(/\*$/, 'x')) !== undefined;
}

export function createApprovedUrls(patterns: readonly string[]): ApprovedUrls {
  return { has: (url) => patterns.some((pattern) => matches(pattern, url)) };
}

function matches(pattern: string, { href, host }: URL): boolean {
  if (pattern.startsWith('*.')) return host.endsWith(pattern.slice(1));
  if (!pattern.startsWith('https://')) return host === pattern;
  return pattern.endsWith('*') ? href.startsWith(pattern.slice(0, -1)) : href === pattern;
}

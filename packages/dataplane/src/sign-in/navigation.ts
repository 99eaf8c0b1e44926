// Whether a browser shows the answer to a person: a person can sign in, a script or a program cannot.
import type { ClientRequest } from '../exchange/client-stream.ts';
import { fieldValue } from '../exchange/field-value.ts';

/**
 * The session at the control listener. Cookies do not tell ports apart, so it comes here too on the same
 * host.
 */
const CONTROL_COOKIE = '__Host-gatehouse-session=';

/**
 * Newer browsers say so (Fetch Metadata §2.2). Others ask for HTML. A client with cookies that has signed in
 * at the control listener needs no person any more, so it may go there for any answer.
 */
export function isNavigation({ method, fields, authorization, apiKey, cookies }: ClientRequest): boolean {
  if (method !== 'GET' || authorization !== undefined || apiKey !== undefined) return false;
  const mode = fieldValue(fields, 'sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate' && fieldValue(fields, 'sec-fetch-dest') !== 'iframe';
  if (fieldValue(fields, 'x-requested-with') !== undefined) return false;
  const isSignedIn = cookies?.includes(CONTROL_COOKIE) ?? false;
  return isSignedIn || (fieldValue(fields, 'accept')?.includes('text/html') ?? false);
}

// Whether a browser shows the answer to a person, because only a person can sign in, not a script or a
// program.
import type { ClientRequest } from '../exchange/client-stream.ts';
import { fieldValue } from '../exchange/field-value.ts';

/**
 * The session cookie of the control listener. Cookies ignore ports, so browsers also send it here if both
 * listeners have the same host.
 */
const CONTROL_COOKIE = '__Host-gatehouse-session=';

/**
 * Newer browsers send Fetch Metadata (§2.2). Others ask for HTML. A client that is signed in at the control
 * listener needs no person, so it can be redirected for any kind of answer.
 */
export function isNavigation({ method, fields, authorization, apiKey, cookies }: ClientRequest): boolean {
  if (method !== 'GET' || authorization !== undefined || apiKey !== undefined) return false;
  const mode = fieldValue(fields, 'sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate' && fieldValue(fields, 'sec-fetch-dest') !== 'iframe';
  if (fieldValue(fields, 'x-requested-with') !== undefined) return false;
  const isSignedIn = cookies?.includes(CONTROL_COOKIE) ?? false;
  return isSignedIn || (fieldValue(fields, 'accept')?.includes('text/html') ?? false);
}

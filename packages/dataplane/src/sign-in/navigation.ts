// Whether a browser shows the answer to a person: a person can sign in, a script or a program cannot.
import type { ClientRequest } from '../exchange/client-stream.ts';
import { fieldValue } from '../exchange/field-value.ts';

/** Newer browsers say so (Fetch Metadata §2.2). Others ask for HTML. */
export function isNavigation({ method, fields, authorization, apiKey }: ClientRequest): boolean {
  if (method !== 'GET' || authorization !== undefined || apiKey !== undefined) return false;
  const mode = fieldValue(fields, 'sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate' && fieldValue(fields, 'sec-fetch-dest') !== 'iframe';
  if (fieldValue(fields, 'x-requested-with') !== undefined) return false;
  return fieldValue(fields, 'accept')?.includes('text/html') ?? false;
}

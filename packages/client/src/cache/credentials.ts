// The credentials that a caller put into a request itself. Answers to different ones are never mixed, and a
// store never sees them.
import { createHash } from 'node:crypto';
import type { HttpRequest } from '../http/middleware.ts';

const SECRET = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'x-auth-token'];

/** A hash of all of them, or an empty text for none. */
export function credentialsOf({ headers, secrets }: HttpRequest): string {
  const given = [...SECRET, ...secrets]
    .map((name) => [name, headers.get(name)])
    .filter(([, value]) => value !== null);
  return given.length === 0 ? '' : createHash('sha256').update(JSON.stringify(given)).digest('hex');
}

/** Whether a value of this field is never written down. */
export function isSecret(name: string, { secrets }: HttpRequest): boolean {
  return SECRET.includes(name) || secrets.includes(name);
}

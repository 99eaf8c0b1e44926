// The credentials that a caller put into a request itself. Answers to different ones are never mixed, and a
// store never sees them.
import { createHash } from 'node:crypto';
import type { HttpRequest } from '../http/middleware.ts';
import { isSecretField, secretFieldsOf } from '../http/secret-fields.ts';

/** A hash of all of them, or an empty text for none. */
export function credentialsOf({ headers, secrets }: HttpRequest): string {
  const given = secretFieldsOf(headers, secrets).map((name) => [name, headers.get(name)]);
  return given.length === 0 ? '' : createHash('sha256').update(JSON.stringify(given)).digest('hex');
}

/** Whether a value of this field is never written down. */
export function isSecret(name: string, { secrets }: HttpRequest): boolean {
  return isSecretField(name, secrets);
}

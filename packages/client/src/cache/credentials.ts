// The credentials that a caller put into a request. Answers to different credentials are never mixed, and the
// store gets a hash of the credentials only.
import { createHash } from 'node:crypto';
import type { HttpRequest } from '../http/middleware.ts';
import { isSecretField, secretFieldsOf } from '../http/secret-fields.ts';

/** A hash of all credentials, or an empty string for none. */
export function credentialsOf({ headers, secrets }: HttpRequest): string {
  const given = secretFieldsOf(headers, secrets).map((name) => [name, headers.get(name)]);
  return given.length === 0 ? '' : createHash('sha256').update(JSON.stringify(given)).digest('hex');
}

/** Whether the value of this field must not be stored. */
export function isSecret(name: string, { secrets }: HttpRequest): boolean {
  return isSecretField(name, secrets);
}

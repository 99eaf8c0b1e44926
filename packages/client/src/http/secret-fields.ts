// The header fields that are secret: they are not sent to another origin, logged or cached. Loads nothing of
// Node.

/** Credentials. They are not sent over plain HTTP either. */
export const CREDENTIALS: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'x-auth-token',
];

/** Services use their own names: `private-token`, `x-goog-api-key`, `x-amz-security-token`. */
const SECRET = /^(?:set-)?cookie2?$|authorization$|api[-_]?key|token|secret|password/;

/** Whether a field is secret, by its name (in lower case) or because it is in `marked`. */
export function isSecretField(name: string, marked: readonly string[] = []): boolean {
  return SECRET.test(name) || marked.includes(name);
}

/** The names of the secret fields that a request has, in lower case. */
export function secretFieldsOf(headers: Headers, marked: readonly string[]): string[] {
  return [...headers.keys()].filter((name) => isSecretField(name, marked));
}

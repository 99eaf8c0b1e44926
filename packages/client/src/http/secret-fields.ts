// Which header fields are secret: they go to no other origin, into no log, and not into a cache. Loads
// nothing of Node.

/** Credentials. They do not go over plain HTTP either. */
export const CREDENTIALS: readonly string[] = [
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'x-auth-token',
];

/** `private-token`, `x-goog-api-key`, `x-amz-security-token`: services have names of their own. */
const SECRET = /^(?:set-)?cookie2?$|authorization$|api[-_]?key|token|secret|password/;

/** Whether a field in lower case is secret, by its name or because it is marked so. */
export function isSecretField(name: string, marked: readonly string[] = []): boolean {
  return SECRET.test(name) || marked.includes(name);
}

/** The names of the secret fields that a request has, in lower case. */
export function secretFieldsOf(headers: Headers, marked: readonly string[]): string[] {
  return [...headers.keys()].filter((name) => isSecretField(name, marked));
}

// Chooses a certificate by the host name that a client asks for (SNI, RFC 6066 §3). A wildcard replaces only
// the first label (RFC 9525 §6.3).
export interface Named {
  readonly names: readonly string[];
}

/** Finds the result of `make` for a host name; undefined: use the default. */
export type ByName<T> = (serverName: string) => T | undefined;

/** Calls `make` once for each identity with names. If two have the same name, the first one is used. */
export function byName<I extends Named, T>(identities: readonly I[], make: (identity: I) => T): ByName<T> {
  const found = new Map<string, T>();
  for (const identity of identities) {
    if (identity.names.length === 0) continue;
    const made = make(identity);
    for (const name of identity.names) if (!found.has(name)) found.set(name, made);
  }
  return (serverName) => {
    const name = serverName.toLowerCase();
    return found.get(name) ?? found.get(`*${name.slice(name.indexOf('.'))}`);
  };
}

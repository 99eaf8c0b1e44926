// What authenticates a request: plain data about principals, which crosses to the gateway's workers.

export interface UserFacts {
  roles: readonly string[];
  disabled: boolean;
  /** Tokens of another epoch are void. */
  tokenEpoch: number;
}

export interface KeyFacts {
  name: string;
  roles: readonly string[];
  /** SHA-256 of the key's secret, lower-case hex. */
  secretHash: string;
  /** Milliseconds since the epoch; null for never. */
  expiresAt: number | null;
}

export interface ServiceFacts {
  roles: readonly string[];
}

/** Everyone who can be authenticated. The maps change while they are in use. */
export interface Principals {
  users: ReadonlyMap<string, UserFacts>;
  keys: ReadonlyMap<string, KeyFacts>;
  services: ReadonlyMap<string, ServiceFacts>;
}

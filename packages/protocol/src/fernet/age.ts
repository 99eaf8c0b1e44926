// The age of Fernet tokens (Fernet specification, "Verifying").

/** The limits for the age of a token. */
export interface FernetDecryptOptions {
  /** Refuses tokens that are older. Without this limit the time of a token is not checked. */
  ttlSeconds?: number;
  /** With `ttlSeconds`: how far the time of a token may be in the future; 60 by default. */
  maxClockSkewSeconds?: number;
}

/** `time` and `now` are seconds since the epoch. */
export function isFresh(time: number, now: number, limits: FernetDecryptOptions): boolean {
  const { ttlSeconds, maxClockSkewSeconds = 60 } = limits;
  if (ttlSeconds === undefined) return true;
  return time + ttlSeconds >= now && time <= now + maxClockSkewSeconds;
}

/** Throws TypeError: NaN and negative limits would accept all tokens or none. */
export function requireDurations({ ttlSeconds = 0, maxClockSkewSeconds = 0 }: FernetDecryptOptions): void {
  if (ttlSeconds >= 0 && maxClockSkewSeconds >= 0) return;
  throw new TypeError('ttlSeconds and maxClockSkewSeconds are numbers of seconds, zero or more.');
}

// Names of accounts, orders, authorizations and tokens: 128 random bits in base64url, which nobody guesses (RFC 8555 §8.1, §11.3).

/** Octets from a cryptographic random generator. */
export type RandomBytes = (size: number) => Uint8Array;

const ID_BYTES = 16;
const IDS_PER_DRAW = 64;

/** Random octets are drawn many at a time, since asking the system for them costs more than the rest. */
export function createIds(randomBytes: RandomBytes): () => string {
  let pool = Buffer.alloc(0);
  return () => {
    if (pool.length === 0) pool = Buffer.from(randomBytes(ID_BYTES * IDS_PER_DRAW));
    const id = pool.toString('base64url', 0, ID_BYTES);
    pool = pool.subarray(ID_BYTES);
    return id;
  };
}

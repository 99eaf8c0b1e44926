// Request ids: random UUIDs (RFC 9562 §5.4), cut from a buffer of random octets that is filled now and then.

const UUIDS = 256;
const OCTETS = 16;
const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** `fill` is `crypto.randomFillSync` or the like. */
export function createRequestIds(fill: (octets: Uint8Array) => void): () => string {
  const pool = new Uint8Array(UUIDS * OCTETS);
  let at = pool.length;
  const hex = (index: number) => HEX[pool[at + index] as number] as string;
  return () => {
    if (at === pool.length) {
      fill(pool);
      at = 0;
    }
    pool[at + 6] = ((pool[at + 6] as number) & 0x0f) | 0x40;
    pool[at + 8] = ((pool[at + 8] as number) & 0x3f) | 0x80;
    const id =
      `${hex(0)}${hex(1)}${hex(2)}${hex(3)}-${hex(4)}${hex(5)}-${hex(6)}${hex(7)}-` +
      `${hex(8)}${hex(9)}-${hex(10)}${hex(11)}${hex(12)}${hex(13)}${hex(14)}${hex(15)}`;
    at += OCTETS;
    return id;
  };
}

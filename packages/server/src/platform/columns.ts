// Column types for migrations, by the kind of value. One place decides how the database stores each kind.

/** A time in milliseconds since the epoch, or any other whole number up to 2^53. */
export const millis = 'integer';
/** Octets: DER, hashes, sealed secrets. */
export const octets = 'blob';
/** Text that sorts by its octets in UTF-8, in every locale. */
export const text = 'text';

// Column types for migrations, by the kind of value. One place decides how the database stores each kind.
import { sql } from 'kysely';

/** A time in milliseconds since the epoch, or any other whole number up to 2^53. */
export const millis = 'integer';
/** A number with a fraction. */
export const fraction = 'double precision';
/** Octets: DER, hashes, sealed secrets. */
export const octets = 'blob';
/** Text that sorts by its octets in UTF-8, in every locale. */
export const text = 'text';

/**
 * For the end of `createTable`. The table is stored in the order of its primary key, so it has one tree and
 * not two (sqlite.org/withoutrowid.html). For narrow tables with a key of several columns.
 */
export const storedByKey = sql`WITHOUT ROWID`;

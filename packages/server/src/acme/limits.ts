// Limits for each client: rows on the disk, and connections of validations. Anyone may have many ACME
// accounts. Two limits that operators may want to change are settings: acme.accountsPerHour and
// acme.pendingAuthorizations.

/**
 * New accounts from one address before acme.accountsPerHour counts. A rack of machines may start together,
 * each with an account.
 */
export const ACCOUNTS_AT_ONCE = 100;

/**
 * The number of addresses whose new accounts are counted. The server forgets the address without a new
 * account for the longest time first.
 */
export const SOURCES_KNOWN = 10_000;

/** Names in one order: the limit of the larger public authorities. */
export const NAMES_PER_ORDER = 100;

/**
 * Orders of one account without a certificate, made in the last 24 hours. Each may hold 30 KB of names. A
 * client that tries once a minute and fails makes 1,440 of them.
 */
export const UNFINISHED_ORDERS = 2000;

/** Authorizations of one account without an order that failed or were deactivated in the last 24 hours. */
export const ABANDONED_AUTHORIZATIONS = 2000;

/** How long an account with too much open work must wait. Its work is not counted again before that. */
export const RECOUNT_SECONDS = 10;

/**
 * Limits of validations. Each takes a socket for ten seconds at most, so at least `atOnce` of them end in ten
 * seconds. One account gets a small share, and waiting accounts take turns.
 */
export const VALIDATIONS = { atOnce: 256, waiting: 5000, atOnceOfOne: 8, waitingOfOne: 100 } as const;

/** Running and waiting validations for the clients of one address, which can have many accounts. */
export const VALIDATIONS_OF_ADDRESS = 1000;

/**
 * Connections of validations to one address at once. Many names may have the same address, and its owner did
 * not ask for these connections.
 */
export const CONNECTIONS_TO_ADDRESS = 16;

/** How many characters an error quotes of a text from outside, such as the URL of a redirect. */
export const TRUNCATED_LENGTH = 200;

/**
 * How long an order can be read after it failed or its certificate expired, and an authorization after it was
 * created.
 */
export const RETENTION_MS = 7 * 24 * 3_600_000;

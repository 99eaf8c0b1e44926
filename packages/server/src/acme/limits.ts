// How much a client may take of this server: rows on the disk, and connections that validation makes. ACME
// accounts are free, and anyone may have many. Two limits that operators may want to change are settings:
// acme.accountsPerHour and acme.pendingAuthorizations.

/**
 * New accounts from one address before acme.accountsPerHour counts. A rack of machines may start together,
 * each with an account.
 */
export const ACCOUNTS_AT_ONCE = 100;

/** Addresses whose new accounts are counted; the one that made its last account first is forgotten first. */
export const SOURCES_KNOWN = 10_000;

/** Names in one order: as many as the larger public authorities allow. */
export const NAMES_PER_ORDER = 100;

/**
 * Orders of one account without a certificate, made in the last 24 hours. Each may hold 30 KB of names. A
 * client that tries once a minute and fails makes 1,440 of them.
 */
export const UNFINISHED_ORDERS = 2000;

/**
 * Authorizations of one account, asked for before any order in the last 24 hours, that failed or were
 * deactivated.
 */
export const ABANDONED_AUTHORIZATIONS = 2000;

/** How long an account that has too much open must wait. It is not counted again before. */
export const RECOUNT_SECONDS = 10;

/**
 * Validations. Each takes a socket for ten seconds at most, so in ten seconds at least `atOnce` of them end.
 * One account has a small part of that, and waiting accounts take turns.
 */
export const VALIDATIONS = { atOnce: 256, waiting: 5000, atOnceOfOne: 8, waitingOfOne: 100 } as const;

/** Validations, running or waiting, for clients of one address, which can have many accounts. */
export const VALIDATIONS_OF_ADDRESS = 1000;

/**
 * Connections of validations to one address at once. Many names may have one address, and its owner asked for
 * none of this.
 */
export const CONNECTIONS_TO_ADDRESS = 16;

/** How many characters of a text from outside an error quotes, such as the URL of a redirect. */
export const TRUNCATED_LENGTH = 200;

/**
 * How long an order can be read after it failed or its certificate ended, and an authorization after it was
 * made.
 */
export const RETENTION_MS = 7 * 24 * 3_600_000;

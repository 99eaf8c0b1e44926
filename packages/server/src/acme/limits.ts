// How much anyone may take of this server, who asks for no account and can have as many as they like: what is kept on disk, and the
// connections that it makes for them. What an operator may need otherwise is a setting: acme.accountsPerHour, acme.pendingAuthorizations.

/** New accounts from one source before acme.accountsPerHour counts: a rack of machines that start together, each with its own. */
export const ACCOUNTS_AT_ONCE = 100;

/** Sources whose new accounts are remembered; the longest silent is forgotten first. */
export const SOURCES_KNOWN = 10_000;

/** Names in one order: what a certificate of the larger public authorities may have. */
export const NAMES_PER_ORDER = 100;

/**
 * Orders of one account that came to no certificate within their 24 hours. Each may hold 30 KB of names; a client that tries once
 * a minute, and fails, makes 1,440 of them.
 */
export const UNFINISHED_ORDERS = 2000;

/** Authorizations of one account that were asked for before any order and came to nothing within 24 hours: failed or given up. */
export const ABANDONED_AUTHORIZATIONS = 2000;

/** Whoever is refused for having too much open may look again so much later; until then nothing is counted anew. */
export const RECOUNT_SECONDS = 10;

/**
 * Validations. Each takes a socket for at most ten seconds, so that as many as run at once are served every ten seconds at worst;
 * one account alone has a small part of that, and those who wait take turns by account.
 */
export const VALIDATIONS = { atOnce: 256, waiting: 5000, atOnceOfOne: 8, waitingOfOne: 100 } as const;

/** Validations, running or waiting, that clients of one address asked for: it can have many accounts. */
export const VALIDATIONS_OF_ADDRESS = 1000;

/** Connections of validations to one address at once: many names may be at one address, which did not ask for any of this. */
export const CONNECTIONS_TO_ADDRESS = 16;

/** Characters shown of what others made up, such as the URL that a redirect leads to. */
export const SHOWN_LENGTH = 200;

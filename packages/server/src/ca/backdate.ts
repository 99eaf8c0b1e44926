// Clocks differ: what is signed here is valid a little before it was made.

export const BACKDATE_MS = 5 * 60_000;

/**
 * For certificates of authorities. The clock may be some hours ahead when an authority is made (a hardware
 * clock in local time, say); what the authority signs after the clock was set right must be valid as well.
 */
export const AUTHORITY_BACKDATE_MS = 24 * 3_600_000;

// Clocks differ, so certificates and answers are valid a little before they were signed.

export const BACKDATE_MS = 5 * 60_000;

/**
 * For certificates of authorities. The clock may be some hours ahead when an authority is made, for example a
 * hardware clock in local time. Certificates that the authority signs after the clock was corrected must be
 * valid, too.
 */
export const AUTHORITY_BACKDATE_MS = 24 * 3_600_000;

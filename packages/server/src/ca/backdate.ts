// Clocks differ: what is signed here is valid a little before it was made.

export const BACKDATE_MS = 5 * 60_000;

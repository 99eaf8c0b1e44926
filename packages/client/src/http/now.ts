// The clock of a client.

/** Milliseconds of a clock that never goes back. */
export type Now = () => number;

// How far a request is, for progress bars: octets that were sent, and octets that came.

/** Octets of the content, as they are on the network. */
export interface Progress {
  direction: 'up' | 'down';
  bytes: number;
  /** Undefined if it is not known before the end. */
  total: number | undefined;
}

/** Is called for each piece. A repeated request begins at 0 again. */
export type OnProgress = (progress: Progress) => void;

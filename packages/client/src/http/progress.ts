// The progress of a request, for progress bars: the octets sent and received.

/** Octets of the content, as sent over the network. */
export interface Progress {
  direction: 'up' | 'down';
  bytes: number;
  /** Undefined if it is not known before the end. */
  total: number | undefined;
}

/** Called for each piece. A repeated request begins at 0 again. */
export type OnProgress = (progress: Progress) => void;

// The content of a request, ready to send.
import type { RequestContent } from './middleware.ts';

export interface Content {
  content: RequestContent;
  type?: string;
  /** Octets, if known and not in memory. */
  length?: number;
  replayable: boolean;
}

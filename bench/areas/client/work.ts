// The work of every client in this area, in any language.

/** `stream` reads a body piece by piece, and `file` writes it to a file. */
export type Work = 'json' | 'stream' | 'file';

/** Calls at a time. */
export const CONCURRENCY: Readonly<Record<Work, number>> = { json: 50, stream: 4, file: 4 };
/** Of a download. */
export const SIZE_BYTES = 100_000_000;
export const WARM_UP_SECONDS = 1;
export const SMALL =
  '{"ok":true,"name":"gatehouse","items":[1,2,3,4,5,6,7,8,9,10],"note":"a small answer in JSON"}';
/** The token that every client sends. */
export const TOKEN = 'gh_0123456789abcdef0123456789abcdef';

/** The number of finished calls. */
export interface Figures {
  perCpuSecond: number;
  perSecond: number;
}

// What every client does in this area, whatever it is written in.

/** Calls at a time. */
export const CONCURRENCY = { json: 50, download: 4 } as const;
/** Of a download. */
export const SIZE_BYTES = 100_000_000;
export const WARM_UP_SECONDS = 1;
export const SMALL =
  '{"ok":true,"name":"gatehouse","items":[1,2,3,4,5,6,7,8,9,10],"note":"a small answer in JSON"}';

/** Pieces of work. */
export interface Figures {
  perCpuSecond: number;
  perSecond: number;
}

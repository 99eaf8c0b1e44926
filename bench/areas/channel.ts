// The channel: the cost of payloads that only the two ends can read.
import type { Area } from '../harness/area.ts';
import { area as fernet } from './channel/fernet.ts';
import { area as http } from './channel/http.ts';

const PARTS: readonly Area[] = [fernet, http];

/** Measures the parts in order. Each records its results. Resolves with whether all are valid. */
export const area: Area = async (options) => {
  let isSound = true;
  for (const part of PARTS) isSound = (await part(options)) && isSound;
  return isSound;
};

// The channel: what it takes to encrypt payloads that only the two ends can read.
import type { Area } from '../harness/area.ts';
import { area as fernet } from './channel/fernet.ts';
import { area as http } from './channel/http.ts';

const PARTS: readonly Area[] = [fernet, http];

/** Measures one part after another; each records itself. Resolves with whether every one is sound. */
export const area: Area = async (options) => {
  let isSound = true;
  for (const part of PARTS) isSound = (await part(options)) && isSound;
  return isSound;
};

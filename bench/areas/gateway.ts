// The gateway as a proxy beside its peers: plain, and with every request authenticated.
import type { Area } from '../harness/area.ts';
import { area as auth } from './gateway/auth.ts';
import { area as plain } from './gateway/plain.ts';

/** Measures the two parts. Each records its results. Resolves with whether both are valid. */
export const area: Area = async (options) => {
  const isPlainSound = await plain(options);
  return (await auth(options)) && isPlainSound;
};

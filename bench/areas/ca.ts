// The certificate authority: ACME orders, requests signed over the admin API, leaves in process, OCSP, and
// revocation lists.
import type { Area } from '../harness/area.ts';
import { area as acme } from './ca/acme.ts';
import { area as crl } from './ca/crl.ts';
import { area as leaf } from './ca/leaf.ts';
import { area as ocsp } from './ca/ocsp.ts';
import { area as sign } from './ca/sign.ts';

const PARTS: readonly Area[] = [acme, sign, leaf, ocsp, crl];

/** Measures the parts in order. Each records its results. Resolves with whether all are valid. */
export const area: Area = async (options) => {
  let isSound = true;
  for (const part of PARTS) isSound = (await part(options)) && isSound;
  return isSound;
};

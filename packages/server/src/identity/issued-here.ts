// Whether a header field holds a credential of ours, valid or not: it must never reach anyone else.
import { decodeJwt } from 'jose';
import { API_KEY_PREFIX } from './api-key.ts';

/** `issuer`: of our tokens. */
export function isIssuedHere(value: string, issuer: string): boolean {
  return value.includes(API_KEY_PREFIX) || issuerOf(value) === issuer;
}

/** What a JWT claims of its issuer, unverified; undefined for anything else. */
function issuerOf(value: string): unknown {
  const token = value.split(' ').at(-1) ?? '';
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

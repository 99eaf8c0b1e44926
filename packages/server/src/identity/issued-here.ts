// Recognises our own credentials in a header field, valid or not: they must never be forwarded.
import { decodeJwt } from 'jose';
import { API_KEY_PREFIX } from './api-key.ts';

/** `issuer`: the issuer of our tokens. */
export function isIssuedHere(value: string, issuer: string): boolean {
  return value.includes(API_KEY_PREFIX) || issuerOf(value) === issuer;
}

/** The issuer that a JWT claims, unverified; undefined for anything else. */
function issuerOf(value: string): unknown {
  const token = value.split(' ').at(-1) ?? '';
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

// The fields that the readers interpret. They are recognised by their octets, without creating a string.

export const OTHER = 0;
export const HOST = 1;
export const CONTENT_LENGTH = 2;
export const TRANSFER_ENCODING = 3;
export const CONNECTION = 4;
export const UPGRADE = 5;
export const EXPECT = 6;
export const AUTHORIZATION = 7;
export const API_KEY = 8;
export const CONTENT_TYPE = 9;
export const WEBSOCKET_KEY = 10;
export const WEBSOCKET_VERSION = 11;
export const DPOP = 12;
export const COOKIE = 13;

/** The names by these numbers, in lower case. */
export const FIELD_NAMES = [
  '',
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'expect',
  'authorization',
  'x-api-key',
  'content-type',
  'sec-websocket-key',
  'sec-websocket-version',
  'dpop',
  'cookie',
] as const;

/** The number of the field with the name at `start`, which is a token; `OTHER` for most names. */
export function knownField(octets: Uint8Array, start: number, end: number): number {
  const first = (octets[start] as number) | 0x20;
  switch (end - start) {
    case 4:
      if (first === H) return sameName(HOST, octets, start);
      return first === D ? sameName(DPOP, octets, start) : OTHER;
    case 6:
      if (first === C) return sameName(COOKIE, octets, start);
      return first === E ? sameName(EXPECT, octets, start) : OTHER;
    case 7:
      return first === U ? sameName(UPGRADE, octets, start) : OTHER;
    case 9:
      return first === X ? sameName(API_KEY, octets, start) : OTHER;
    case 10:
      return first === C ? sameName(CONNECTION, octets, start) : OTHER;
    case 12:
      return first === C ? sameName(CONTENT_TYPE, octets, start) : OTHER;
    case 13:
      return first === A ? sameName(AUTHORIZATION, octets, start) : OTHER;
    case 14:
      return first === C ? sameName(CONTENT_LENGTH, octets, start) : OTHER;
    case 17:
      if (first === T) return sameName(TRANSFER_ENCODING, octets, start);
      return first === S ? sameName(WEBSOCKET_KEY, octets, start) : OTHER;
    case 21:
      return first === S ? sameName(WEBSOCKET_VERSION, octets, start) : OTHER;
    default:
      return OTHER;
  }
}

const A = 0x61;
const C = 0x63;
const D = 0x64;
const E = 0x65;
const H = 0x68;
const S = 0x73;
const T = 0x74;
const U = 0x75;
const X = 0x78;

const SPELLINGS = FIELD_NAMES.map((name) => Uint8Array.from(name, (character) => character.charCodeAt(0)));

function sameName(field: number, octets: Uint8Array, start: number): number {
  const spelling = SPELLINGS[field] as Uint8Array;
  for (let index = 0; index < spelling.length; index++) {
    // In a token, this bit makes a letter lower case, and leaves a hyphen as it is.
    if (((octets[start + index] as number) | 0x20) !== spelling[index]) return OTHER;
  }
  return field;
}

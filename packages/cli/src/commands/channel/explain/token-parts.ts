// A Fernet token, taken apart byte by byte (Fernet specification, version 0x80).

export interface TokenPart {
  name: 'version' | 'time' | 'initialisation vector' | 'ciphertext' | 'mac';
  offset: number;
  length: number;
  hex: string;
  /** What the part means. */
  meaning: string;
}

const IV_OFFSET = 9;
const CIPHERTEXT_OFFSET = 25;
const MAC_BYTES = 32;
const BLOCK_BYTES = 16;

/** The parts of a token that we made ourselves. */
export function tokenParts(token: string): TokenPart[] {
  const bytes = Buffer.from(token, 'base64url');
  const macOffset = bytes.length - MAC_BYTES;
  const part = (name: TokenPart['name'], [from, to]: [number, number], meaning: string): TokenPart => ({
    name,
    offset: from,
    length: to - from,
    hex: bytes.toString('hex', from, to),
    meaning,
  });
  const blocks = (macOffset - CIPHERTEXT_OFFSET) / BLOCK_BYTES;
  return [
    part('version', [0, 1], 'the only version there is'),
    part('time', [1, IV_OFFSET], timeText(Number(bytes.readBigUInt64BE(1)))),
    part('initialisation vector', [IV_OFFSET, CIPHERTEXT_OFFSET], 'random, so that two tokens always differ'),
    part(
      'ciphertext',
      [CIPHERTEXT_OFFSET, macOffset],
      `AES-128-CBC, ${blocks} block${blocks === 1 ? '' : 's'} of 16 bytes`,
    ),
    part('mac', [macOffset, bytes.length], 'HMAC-SHA256 of all bytes before it'),
  ];
}

function timeText(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z, in the clear`;
}

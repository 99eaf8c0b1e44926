// Bech32 (BIP 173), in which age writes keys, without its limit of 90 characters. Refuses mixed case, unknown
// characters, a wrong checksum, and bits that do not belong to an octet.

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_LENGTH = 6;

/** The octets; undefined for other text, and for another prefix. */
export function decodeBech32(text: string, prefix: string): Buffer | undefined {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) return undefined;
  const lower = text.toLowerCase();
  if (!lower.startsWith(`${prefix}1`)) return undefined;
  const values = [...lower.slice(prefix.length + 1)].map((character) => ALPHABET.indexOf(character));
  if (values.length < CHECKSUM_LENGTH || values.includes(-1)) return undefined;
  if (checksum([...expanded(prefix), ...values]) !== 1) return undefined;
  return octetsOf(values.slice(0, -CHECKSUM_LENGTH));
}

/** In lower case. */
export function encodeBech32(octets: Uint8Array, prefix: string): string {
  const values = regroup(octets, 8, 5);
  const sum = checksum([...expanded(prefix), ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = Array.from({ length: CHECKSUM_LENGTH }, (_, index) => (sum >>> (5 * (5 - index))) & 31);
  return `${prefix}1${[...values, ...check].map((value) => ALPHABET[value]).join('')}`;
}

function expanded(prefix: string): number[] {
  const codes = [...prefix].map((character) => character.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function checksum(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((each, bit) => {
      if ((top >>> bit) & 1) sum ^= each;
    });
  }
  return sum;
}

function octetsOf(values: readonly number[]): Buffer | undefined {
  const octets = Buffer.from(regroup(values, 5, 8));
  const whole = octets.subarray(0, Math.floor((values.length * 5) / 8));
  // The padding bits in the last group must be zero, and fewer than a group.
  const isPadded = (values.length * 5) % 8 < 5 && octets.subarray(whole.length).every((octet) => octet === 0);
  return isPadded ? whole : undefined;
}

/** Converts groups of `from` bits to groups of `to` bits, the last one padded with zeros. */
function regroup(groups: Iterable<number>, from: number, to: number): number[] {
  const regrouped: number[] = [];
  let bits = 0;
  let count = 0;
  for (const group of groups) {
    bits = ((bits << from) | group) & 0xfff;
    count += from;
    while (count >= to) {
      count -= to;
      regrouped.push((bits >> count) & ((1 << to) - 1));
    }
  }
  if (count > 0) regrouped.push((bits << (to - count)) & ((1 << to) - 1));
  return regrouped;
}

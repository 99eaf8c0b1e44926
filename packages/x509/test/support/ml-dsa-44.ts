// The expanded form of an ML-DSA-44 private key (FIPS 204 §6.1, algorithm 6), which Node does not write.
// Follows the definitions.
import { createHash } from 'node:crypto';

/** The 2,560 octets of the expanded key that belongs to a seed. */
export function expandMlDsa44(seed: Uint8Array): Buffer {
  const expanded = shake('shake256', Buffer.concat([seed, Buffer.of(SIZE, SIZE)]), 128);
  const [rho, rhoPrime, k] = [expanded.subarray(0, 32), expanded.subarray(32, 96), expanded.subarray(96)];
  const [s1, s2] = [secretVector(rhoPrime, 0), secretVector(rhoPrime, SIZE)];
  const s1Hat = s1.map(transform);
  const t = s2.map((noise, row) => {
    const products = s1Hat.map((factor, column) => multiply(matrixEntry(rho, column, row), factor));
    return inverseTransform(products.reduce(add)).map((value, index) => modulo(value + (noise[index] ?? 0)));
  });
  const t0 = t.map((polynomial) => polynomial.map(lowBits));
  const t1 = t.map((polynomial) => polynomial.map((value) => (value - lowBits(value)) / 2 ** DROPPED));
  const publicKey = Buffer.concat([rho, ...t1.map((polynomial) => pack(polynomial, 10))]);
  const secrets = [...s1, ...s2].map((polynomial) =>
    pack(
      polynomial.map((value) => ETA - value),
      3,
    ),
  );
  const lows = t0.map((polynomial) =>
    pack(
      polynomial.map((value) => 2 ** (DROPPED - 1) - value),
      DROPPED,
    ),
  );
  return Buffer.concat([rho, k, shake('shake256', publicKey, 64), ...secrets, ...lows]);
}

const Q = 8_380_417;
const DEGREE = 256;
const SIZE = 4;
const ETA = 2;
const DROPPED = 13;

function shake(name: 'shake128' | 'shake256', input: Uint8Array, outputLength: number): Buffer {
  return createHash(name, { outputLength }).update(input).digest();
}

function modulo(value: number): number {
  return ((value % Q) + Q) % Q;
}

function power(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  const half = power(base, exponent >> 1);
  return (((half * half) % Q) * (exponent & 1 ? base : 1)) % Q;
}

/** Points of the transform: odd powers of 1753 in bit-reversed order (FIPS 204 §7.5). */
const POINTS = Array.from({ length: DEGREE }, (_, index) => {
  const reversed = Number.parseInt(index.toString(2).padStart(8, '0').split('').reverse().join(''), 2);
  return power(1753, 2 * reversed + 1);
});

function transform(polynomial: readonly number[]): number[] {
  return POINTS.map((point) =>
    polynomial.reduceRight((sum, coefficient) => modulo(sum * point + coefficient), 0),
  );
}

function inverseTransform(values: readonly number[]): number[] {
  const inverses = POINTS.map((point) => power(point, Q - 2));
  let powers = POINTS.map(() => power(DEGREE, Q - 2));
  return values.map(() => {
    const coefficient = values.reduce((sum, value, index) => (sum + value * (powers[index] ?? 0)) % Q, 0);
    powers = powers.map((each, index) => (each * (inverses[index] ?? 0)) % Q);
    return coefficient;
  });
}

function multiply(left: readonly number[], right: readonly number[]): number[] {
  return left.map((value, index) => (value * (right[index] ?? 0)) % Q);
}

function add(left: readonly number[], right: readonly number[]): number[] {
  return left.map((value, index) => (value + (right[index] ?? 0)) % Q);
}

/** RejNTTPoly (algorithm 30). */
function matrixEntry(rho: Uint8Array, column: number, row: number): number[] {
  const stream = shake('shake128', Buffer.concat([rho, Buffer.of(column, row)]), 2048);
  const candidates = Array.from({ length: 680 }, (_, index) => stream.readUIntLE(index * 3, 3) & 0x7fffff);
  return candidates.filter((value) => value < Q).slice(0, DEGREE);
}

/** RejBoundedPoly (algorithm 31) with eta 2. */
function secretVector(rhoPrime: Uint8Array, first: number): number[][] {
  return Array.from({ length: SIZE }, (_, index) => {
    const stream = shake('shake256', Buffer.concat([rhoPrime, Buffer.of(first + index, 0)]), 512);
    const nibbles = [...stream].flatMap((octet) => [octet & 15, octet >> 4]).filter((nibble) => nibble < 15);
    return nibbles.slice(0, DEGREE).map((nibble) => ETA - (nibble % 5));
  });
}

/** Power2Round (algorithm 35), the low part. */
function lowBits(value: number): number {
  const low = value % 2 ** DROPPED;
  return low > 2 ** (DROPPED - 1) ? low - 2 ** DROPPED : low;
}

/** SimpleBitPack (algorithm 16): the first value in the lowest bits. */
function pack(values: readonly number[], bits: number): Buffer {
  const packed = values.reduceRight((sum, value) => (sum << BigInt(bits)) | BigInt(value), 0n);
  return Buffer.from(packed.toString(16).padStart((values.length * bits) / 4, '0'), 'hex').reverse();
}

// Lint rules for the public key (RFC 5280 §4.1.2.7): the parameters of its algorithm, its form and its
// length.
import { type DerReader, readDer } from '../der/read.ts';
import { TAG } from '../der/tags.ts';
import { encodeDer, objectIdentifier } from '../der/write.ts';
import { DerError } from '../errors.ts';
import { CURVE, KEY_ALGORITHM } from '../oids.ts';
import type { LintRule } from './rule.ts';
import type { KeyView } from './view.ts';

export const KEY_RULES: readonly LintRule[] = [
  {
    rule: 'profile_key_known',
    section: 'RFC 5280 §4.1.2.7',
    check: ({ key }) =>
      kindOf(key) === undefined ? `the key algorithm ${key.algorithm.oid} is unknown` : undefined,
  },
  {
    rule: 'rfc5280_key_parameters',
    section: 'RFC 3279 §2.3.1, RFC 5480 §2.1.1, RFC 8410 §3, RFC 9881 §4',
    check: ({ key }) => {
      const kind = kindOf(key);
      return kind === undefined || kind.hasParameters(key.algorithm.parameters)
        ? undefined
        : 'the parameters of the key algorithm are wrong';
    },
  },
  {
    rule: 'rfc5280_key_form',
    section: 'RFC 8017 §A.1.1, RFC 5480 §2.2, RFC 8410 §4, RFC 9881 §4',
    check: ({ key }) => kindOf(key)?.problem(key),
  },
];

/** The rules for the keys of one algorithm. */
interface KeyKind {
  readonly hasParameters: (parameters: Uint8Array | undefined) => boolean;
  readonly problem: (key: KeyView) => string | undefined;
}

const RSA_MIN_BITS = 2048;
/** 65537 is the smallest odd number with three octets. */
const RSA_MIN_EXPONENT_OCTETS = 3;
const UNCOMPRESSED = 0x04;

/** The length of a point, by the name of its curve in hex. */
const POINT_OCTETS: ReadonlyMap<string, number> = new Map(
  (
    [
      ['P-256', 65],
      ['P-384', 97],
      ['P-521', 133],
    ] as const
  ).map(([curve, octets]) => [encodeDer(objectIdentifier(CURVE[curve])).toString('hex'), octets]),
);

const KINDS: ReadonlyMap<string, KeyKind> = new Map([
  [KEY_ALGORITHM.RSA, { hasParameters: (parameters) => hexOf(parameters) === '0500', problem: rsaProblem }],
  [
    KEY_ALGORITHM.EC,
    { hasParameters: (parameters) => POINT_OCTETS.has(hexOf(parameters)), problem: pointProblem },
  ],
  [KEY_ALGORITHM.Ed25519, octetKey(32)],
  [KEY_ALGORITHM['ML-DSA-44'], octetKey(1312)],
  [KEY_ALGORITHM['ML-DSA-65'], octetKey(1952)],
  [KEY_ALGORITHM['ML-DSA-87'], octetKey(2592)],
] satisfies [string, KeyKind][]);

function kindOf({ algorithm }: KeyView): KeyKind | undefined {
  return KINDS.get(algorithm.oid);
}

/** A key with a fixed number of octets and without parameters. */
function octetKey(octets: number): KeyKind {
  return {
    hasParameters: (parameters) => parameters === undefined,
    problem: ({ bits }) =>
      bits.length === octets ? undefined : `the key has ${bits.length} octets instead of ${octets}`,
  };
}

function pointProblem({ algorithm, bits }: KeyView): string | undefined {
  const octets = POINT_OCTETS.get(hexOf(algorithm.parameters));
  return octets === undefined || (bits.length === octets && bits[0] === UNCOMPRESSED)
    ? undefined
    : 'the point is compressed, or has the wrong length for its curve';
}

function rsaProblem({ bits }: KeyView): string | undefined {
  try {
    const [modulus, exponent] = readDer(bits, readRsaKey);
    const length = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
    if (!isOdd(modulus)) return 'the modulus is even';
    if (length < RSA_MIN_BITS) return `the modulus has ${length} bits; at least ${RSA_MIN_BITS} are needed`;
    if (!isOdd(exponent) || exponent.length < RSA_MIN_EXPONENT_OCTETS)
      return 'the exponent is even or below 65537';
    return undefined;
  } catch (error) {
    if (error instanceof DerError) return `the key is not an RSAPublicKey: ${error.message}`;
    throw error;
  }
}

function readRsaKey(reader: DerReader): [modulus: Uint8Array, exponent: Uint8Array] {
  return reader.sequence((fields) => [readMagnitude(fields), readMagnitude(fields)]);
}

/** The octets of a positive INTEGER, without the leading zero. */
function readMagnitude(fields: DerReader): Uint8Array {
  const { content, offset } = fields.expect(TAG.integer);
  if ((content[0] ?? 0x80) >= 0x80) throw new DerError('INTEGER is not positive', offset);
  return content[0] === 0 ? content.subarray(1) : content;
}

function isOdd(magnitude: Uint8Array): boolean {
  return ((magnitude.at(-1) ?? 0) & 1) === 1;
}

function hexOf(octets: Uint8Array | undefined): string {
  return octets === undefined ? '' : Buffer.from(octets).toString('hex');
}

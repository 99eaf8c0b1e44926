// Fernet for files beyond memory (docs/wire/fernet-frames.md): a line with the name of the form, a salt, and
// frames. Each frame is the octets of a Fernet token with a separate key, which depends on its place. So a
// frame can be decrypted only at its place in its file. Refuses truncated files, and returns only verified
// frames.
import { primitives as platform } from '#crypto';
import type { Bytes } from '../crypto/primitives.ts';
import { type FernetKeys, type FernetOptions, keysOf } from '../fernet.ts';
import { createOctetReader, type OctetReader } from '../octet-reader.ts';
import { type FernetDecryptOptions, isFresh, requireDurations } from './age.ts';
import { createFrameKeys, FORM, type FrameKeys, type Place } from './frame-keys.ts';
import { FernetError } from './key.ts';
import { BLOCK_LENGTH, readFernetToken, tokenLength } from './token.ts';

/** The length of each frame's plaintext. The last frame may be shorter. */
const FRAME = 64 * 1024;
const SALT = 32;
const FIRST_LINE = new TextEncoder().encode(`${FORM}\n`);

/** The facts that anyone can read in a file of frames. */
export interface FernetFrameFacts {
  salt: Bytes;
  /** The number of frames. */
  frames: number;
  /** When the file was begun, in seconds since the epoch. */
  timeSeconds: number;
  /** Of all frames together. The plaintext is shorter, by up to 16 octets for each frame. */
  ciphertextLength: number;
  /**
   * The number of the first frame that these keys cannot decrypt at its place; undefined if they can decrypt
   * all.
   */
  firstBadFrame: number | undefined;
}

/** Encrypts and decrypts streams of any length, one frame of 64 KiB at a time. */
export interface FernetFrames {
  encrypt(plaintext: AsyncIterable<Uint8Array>): AsyncGenerator<Bytes>;
  /**
   * The plaintext, each part after its frame is verified. Throws FernetError `fernet_frames_truncated` if the
   * file ends early, and `fernet_invalid_token` for any other fault. The parts before an error are only the
   * beginning of the plaintext.
   */
  decrypt(file: AsyncIterable<Uint8Array>, options?: FernetDecryptOptions): AsyncGenerator<Bytes>;
  /** Reads the whole file, and verifies each frame without decrypting it. Throws as `decrypt`. */
  inspect(file: AsyncIterable<Uint8Array>): Promise<FernetFrameFacts>;
}

/**
 * Creates a Fernet for files beyond memory. With a list of keys, the first encrypts and all of them decrypt.
 * @throws FernetError `fernet_invalid_key`
 * @example
 * const frames = createFernetFrames(key);
 * await pipeline(createReadStream('backup.tar'), frames.encrypt, createWriteStream('backup.fernet'));
 */
export function createFernetFrames(keys: FernetKeys, options: FernetOptions = {}): FernetFrames {
  const { clock = Date.now, primitives = platform, random = primitives.randomBytes } = options;
  const secrets = keysOf(keys);
  const [first] = secrets;
  if (first === undefined) throw new FernetError('fernet_invalid_key', 'The list of Fernet keys is empty.');
  const keysFor = (salt: Bytes) => Promise.all(secrets.map((key) => createFrameKeys(key, salt, primitives)));
  const now = () => Math.floor(clock() / 1000);

  return {
    async *encrypt(plaintext) {
      const salt = random(SALT);
      const frameKeys = await createFrameKeys(first, salt, primitives);
      const time = now();
      yield joined(FIRST_LINE, salt);
      for await (const { octets, ...place } of partsOf(createOctetReader(plaintext), FRAME)) {
        const cipher = await frameKeys.at(place);
        yield await cipher.seal(octets, time, random(BLOCK_LENGTH));
      }
    },
    async *decrypt(file, limits = {}) {
      requireDurations(limits);
      const reader = createOctetReader(file);
      let candidates = await keysFor(await readHeader(reader));
      for await (const { octets, ...place } of partsOf(reader, tokenLength(FRAME))) {
        const opened = await openWithAny(candidates, octets, place);
        if (opened === undefined) throw await failure(candidates, octets, place);
        if (place.index === 0) requireFresh(opened.timeSeconds, now(), limits);
        candidates = [opened.by];
        yield opened.plaintext;
      }
    },
    async inspect(file) {
      const reader = createOctetReader(file);
      const salt = await readHeader(reader);
      const candidates = await keysFor(salt);
      const facts: FernetFrameFacts = {
        salt,
        frames: 0,
        timeSeconds: 0,
        ciphertextLength: 0,
        firstBadFrame: undefined,
      };
      for await (const { octets, ...place } of partsOf(reader, tokenLength(FRAME))) {
        const fields = readFernetToken(octets);
        if (place.index === 0) facts.timeSeconds = fields?.timeSeconds ?? 0;
        facts.frames += 1;
        facts.ciphertextLength += fields?.ciphertext.length ?? 0;
        if (facts.firstBadFrame === undefined && !(await isAuthentic(candidates, octets, place)))
          facts.firstBadFrame = place.index;
      }
      return facts;
    },
  };
}

/**
 * Whether a file begins like a file of frames. A Fernet token never begins like this.
 * @example
 * const isLarge = isFernetFrames(firstOctets);
 */
export function isFernetFrames(beginning: Uint8Array): boolean {
  return FIRST_LINE.every((octet, index) => octet === beginning[index]);
}

/** Returns the salt. */
async function readHeader(reader: OctetReader): Promise<Bytes> {
  const header = await reader.read(FIRST_LINE.length + SALT);
  if (!isFernetFrames(header))
    throw new FernetError('fernet_invalid_token', `The file does not begin with the line ${FORM}.`);
  if (header.length < FIRST_LINE.length + SALT) throw truncated();
  return header.slice(FIRST_LINE.length);
}

/**
 * At least one part. Each part except the last has this length. The last is empty only if there is no
 * content.
 */
async function* partsOf(
  reader: OctetReader,
  length: number,
): AsyncGenerator<Place & { octets: Bytes }, void, undefined> {
  try {
    let octets = await reader.read(length);
    for (let index = 0; ; index += 1) {
      const next = octets.length < length ? new Uint8Array(0) : await reader.read(length);
      yield { octets, index, isLast: next.length === 0 };
      if (next.length === 0) return;
      octets = next;
    }
  } finally {
    await reader.close();
  }
}

async function openWithAny(candidates: readonly FrameKeys[], octets: Bytes, place: Place) {
  const fields = readFernetToken(octets);
  if (fields === undefined) return undefined;
  for (const by of candidates) {
    const plaintext = await (await by.at(place)).open(octets);
    if (plaintext !== undefined) return { by, plaintext, timeSeconds: fields.timeSeconds };
  }
  return undefined;
}

async function isAuthentic(candidates: readonly FrameKeys[], octets: Bytes, place: Place): Promise<boolean> {
  if (readFernetToken(octets) === undefined) return false;
  for (const by of candidates) if (await (await by.at(place)).authenticates(octets)) return true;
  return false;
}

function requireFresh(timeSeconds: number, now: number, limits: FernetDecryptOptions): void {
  if (isFresh(timeSeconds, now, limits)) return;
  throw new FernetError(
    'fernet_invalid_token',
    'The file is older than the limit, or its time is in the future.',
  );
}

/** Why a frame cannot be decrypted at its place. */
async function failure(candidates: readonly FrameKeys[], octets: Bytes, place: Place): Promise<FernetError> {
  const { index, isLast } = place;
  if (octets.length < tokenLength(0)) return truncated();
  if (await isAuthentic(candidates, octets, { index, isLast: !isLast }))
    return isLast ? truncated() : extended();
  if (index > 0 && isLast) return truncated();
  const detail =
    index === 0
      ? 'The first frame cannot be decrypted: it needs another key, or the file was changed.'
      : `Frame ${index} cannot be decrypted: it was changed, or it belongs to another place or file.`;
  return new FernetError('fernet_invalid_token', detail);
}

function truncated(): FernetError {
  return new FernetError('fernet_frames_truncated', 'The file ends early, or its end was changed.');
}

function extended(): FernetError {
  return new FernetError('fernet_invalid_token', 'The file has more octets after its last frame.');
}

function joined(head: Uint8Array, tail: Uint8Array): Bytes {
  const octets = new Uint8Array(head.length + tail.length);
  octets.set(head);
  octets.set(tail, head.length);
  return octets;
}

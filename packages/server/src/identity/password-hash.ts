// Password hashing with Argon2id (RFC 9106) at OWASP's parameters, written as PHC strings. One hash takes
// about 30 ms of a core and 19 MiB, so few run at once and the rest wait. Client addresses take turns: a
// flood from one address delays the others by one hash.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { GatehouseError } from '@gatehouse/access';
import { addressShareOf } from '../platform/address-share.ts';
import { createLimiter } from '../platform/limiter.ts';
import type { IdentitySettings } from './settings.ts';

const hashArgon2 = promisify(argon2);

const MEMORY_KIB = 19_456;
const PASSES = 2;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

// Acts of administrators have their own queue, which no client address can fill.
const ADMINISTRATION = 'administration';
// How many addresses with a full queue fit into the whole queue. Beyond that, an address with few waiting
// sign-ins takes a place of one with many.
const FULL_QUEUES = 8;

export interface PasswordHasher {
  /** Hashes a new password. Throws `unprocessable` if it is not valid text. */
  hash(password: string): Promise<string>;
  /**
   * Whether `hash` belongs to `password`. An unknown user (`undefined`) takes as long as a wrong password.
   * `address` is the client that signs in. Throws `unprocessable` if the password is not valid text.
   */
  verify(password: string, hash: string | undefined, address: string): Promise<boolean>;
}

/**
 * Both methods throw `too_many_requests` when the queue of the client's address share is full. `refused` is
 * called with that share when a sign-in is refused.
 */
export function createPasswordHasher(
  { hashConcurrency, hashQueue }: Pick<IdentitySettings, 'hashConcurrency' | 'hashQueue'>,
  refused: (addressShare: string) => void,
): PasswordHasher {
  const limits = {
    atOnce: hashConcurrency,
    atOnceOfOne: hashConcurrency,
    waiting: hashQueue * FULL_QUEUES,
    waitingOfOne: hashQueue,
    whenFull: 'displace',
  } as const;
  const limiter = createLimiter(limits, (party) => {
    if (party !== ADMINISTRATION) refused(party);
    return tooManyHashes(party);
  });
  const dummy = phcString(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));
  return {
    hash: (password) => limiter.run(ADMINISTRATION, () => hashOf(password)),
    verify: (password, hash, address) =>
      limiter.run(addressShareOf(address), async () => {
        const matches = await matchesPhc(password, hash ?? dummy);
        return matches && hash !== undefined;
      }),
  };
}

function tooManyHashes(party: string): GatehouseError {
  const detail =
    party === ADMINISTRATION
      ? 'Too many new passwords wait to be hashed: try again in a few seconds.'
      : `Too many sign-ins from ${party} wait at the moment: try again in a few seconds.`;
  return new GatehouseError('too_many_requests', detail);
}

async function hashOf(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive(password, salt, { memory: MEMORY_KIB, passes: PASSES, parallelism: 1 });
  return phcString(salt, tag);
}

interface Cost {
  memory: number;
  passes: number;
  parallelism: number;
}

/**
 * Refuses half of a surrogate pair, as JSON can write it (`\\ud800`). It has no octets in UTF-8: all of them
 * would become the same replacement character.
 */
function requireCharacters(password: string): void {
  if (password.isWellFormed()) return;
  throw new GatehouseError(
    'unprocessable',
    'The password has half of a surrogate pair, which is not a character: send whole characters.',
  );
}

async function derive(password: string, nonce: Uint8Array, cost: Cost): Promise<Buffer> {
  requireCharacters(password);
  // NFC, so that the same characters typed on another keyboard give the same bytes (RFC 8265 §4.2.2).
  const message = Buffer.from(password.normalize('NFC'), 'utf8');
  return hashArgon2('argon2id', { message, nonce, tagLength: TAG_BYTES, ...cost });
}

async function matchesPhc(password: string, phc: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', tag = ''] = PHC.exec(phc) ?? [];
  if (!tag) throw new Error('a stored password hash is not an argon2id PHC string');
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const expected = Buffer.from(tag, 'base64');
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64'), cost), expected);
}

function phcString(salt: Buffer, tag: Buffer): string {
  const bare = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${bare(salt)}$${bare(tag)}`;
}

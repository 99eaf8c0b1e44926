// Password hashing with Argon2id (RFC 9106) at OWASP's parameters, written as PHC strings. One hash takes
// about 30 ms of a core and 19 MiB, so few run at once and the rest wait. Client addresses take turns: a
// flood from one address delays the others by one hash.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { GatehouseError } from '@gatehouse/access';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import { createLimiter } from '../../platform/limits/limiter.ts';
import type { IdentitySettings } from '../settings.ts';
import type { Argon2id } from './hash-threads.ts';
import { normalized, requireCharacters } from './password-rules.ts';

const MEMORY_KIB = 19_456;
const PASSES = 2;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

// Acts of administrators have a separate queue, which no client address can fill.
const ADMINISTRATION = 'administration';
// How many addresses with a full queue fit into the whole queue. Beyond that, an address with few waiting
// sign-ins takes a place from an address with many.
const FULL_QUEUES = 8;

export interface PasswordHasher {
  /** Hashes a new password. Throws `unprocessable` if it is not valid text. */
  hash(password: string): Promise<string>;
  /**
   * Whether `hash` belongs to `password`. An unknown user (`undefined`) takes as long as a wrong password.
   * Throws `unprocessable` if the password is not valid text, and the errors of `attempt.begin`.
   */
  verify(password: string, hash: string | undefined, attempt: HashAttempt): Promise<Verification>;
}

/** The person who signs in. This decides in which queue the attempt waits. */
export interface HashAttempt {
  /** The address of the client. */
  address: string;
  /**
   * The user, if they have signed in from this address before. They then wait in a separate queue, which
   * others behind the same address cannot fill.
   */
  knownAs?: string | undefined;
  /** Called when the wait is over. If it throws, the password is not hashed. */
  begin?: (() => void) | undefined;
}

/** `outdated`: the password is right, but the hash has old parameters or another normal form. */
export type Verification = 'right' | 'outdated' | 'wrong';

export interface PasswordHasherDeps {
  argon2id: Argon2id;
  /** Called with the share of the client's address when a sign-in is refused. */
  refused: (addressShare: string) => void;
}

/** Both methods throw `too_many_requests` when the queue of the client's address share is full. */
export function createPasswordHasher(
  { argon2id, refused }: PasswordHasherDeps,
  { hashConcurrency, hashQueue }: Pick<IdentitySettings, 'hashConcurrency' | 'hashQueue'>,
): PasswordHasher {
  const limits = {
    atOnce: hashConcurrency,
    atOnceOfOne: hashConcurrency,
    waiting: hashQueue * FULL_QUEUES,
    waitingOfOne: hashQueue,
    whenFull: 'displace',
  } as const;
  const limiter = createLimiter(limits, (party) => {
    const [share = ''] = party.split(' ');
    if (share !== ADMINISTRATION) refused(share);
    return tooManyHashes(share);
  });
  const dummy = phcString(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));
  return {
    hash: (password) => limiter.run(ADMINISTRATION, () => hashOf(argon2id, password)),
    verify: (password, hash, { address, knownAs, begin }) =>
      limiter.run(partyOf(address, knownAs), async () => {
        begin?.();
        const verification = await verifyPhc(argon2id, password, hash ?? dummy);
        return hash === undefined ? 'wrong' : verification;
      }),
  };
}

function partyOf(address: string, knownAs: string | undefined): string {
  const share = addressShareOf(address);
  return knownAs === undefined ? share : `${share} ${knownAs}`;
}

function tooManyHashes(party: string): GatehouseError {
  const detail =
    party === ADMINISTRATION
      ? 'Too many new passwords wait to be hashed: try again in a few seconds.'
      : `Too many sign-ins from ${party} wait at the moment: try again in a few seconds.`;
  return new GatehouseError('too_many_requests', detail);
}

const CURRENT: Cost = { memory: MEMORY_KIB, passes: PASSES, parallelism: 1 };

async function hashOf(argon2id: Argon2id, password: string): Promise<string> {
  requireCharacters(password);
  const message = Buffer.from(normalized(password), 'utf8');
  const salt = randomBytes(SALT_BYTES);
  return phcString(salt, await argon2id({ message, nonce: salt, tagLength: TAG_BYTES, ...CURRENT }));
}

interface Cost {
  memory: number;
  passes: number;
  parallelism: number;
}

async function verifyPhc(argon2id: Argon2id, password: string, phc: string): Promise<Verification> {
  requireCharacters(password);
  const { cost, salt, tag } = readPhc(phc);
  const matches = async (text: string) => {
    const message = Buffer.from(text, 'utf8');
    return timingSafeEqual(await argon2id({ message, nonce: salt, tagLength: TAG_BYTES, ...cost }), tag);
  };
  const [current, earlier] = [normalized(password), password.normalize('NFC')];
  if (await matches(current)) return isDeepStrictEqual(cost, CURRENT) ? 'right' : 'outdated';
  // Hashes from before version 0.2 used NFC, which differs for few passwords.
  if (current !== earlier && (await matches(earlier))) return 'outdated';
  return 'wrong';
}

function readPhc(phc: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const [, memory, passes, parallelism, salt = '', tag = ''] = PHC.exec(phc) ?? [];
  if (!tag) throw new Error('a stored password hash is not an argon2id PHC string');
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

function phcString(salt: Uint8Array, tag: Uint8Array): string {
  const bare = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${bare(salt)}$${bare(tag)}`;
}

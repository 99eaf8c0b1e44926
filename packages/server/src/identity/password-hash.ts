// Password hashing with Argon2id (RFC 9106) at OWASP's parameters, written as PHC strings. Hashes run at a bounded
// concurrency with a bounded queue, so that a flood of sign-ins neither takes all cores nor all memory.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { GatehouseError } from '../platform/errors.ts';

const hashArgon2 = promisify(argon2);

const MEMORY_KIB = 19_456;
const PASSES = 2;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Takes as long for an unknown user (`undefined`) as for a wrong password. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

export interface PasswordHasherSettings {
  hashConcurrency: number;
  hashQueue: number;
}

/** Throws `too_many_requests` from both methods when the queue is full. */
export function createPasswordHasher(settings: PasswordHasherSettings): PasswordHasher {
  const inTurn = createTurns(settings.hashConcurrency, settings.hashQueue);
  // New passwords are set by administrators: a flood of sign-ins must not keep them from it.
  const administration = createTurns(1, settings.hashQueue);
  const dummy = phcString(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));
  return {
    hash: (password) =>
      administration(async () => {
        const salt = randomBytes(SALT_BYTES);
        return phcString(
          salt,
          await derive(password, salt, { memory: MEMORY_KIB, passes: PASSES, parallelism: 1 }),
        );
      }),
    verify: (password, hash) =>
      inTurn(async () => {
        const matches = await matchesPhc(password, hash ?? dummy);
        return matches && hash !== undefined;
      }),
  };
}

interface Cost {
  memory: number;
  passes: number;
  parallelism: number;
}

function derive(password: string, nonce: Uint8Array, cost: Cost): Promise<Buffer> {
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

function createTurns(concurrency: number, queueLength: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (waiting.length >= queueLength) {
        throw new GatehouseError(
          'too_many_requests',
          'Too many sign-ins at the moment: try again in a few seconds.',
        );
      }
      // Whoever finishes hands its place on, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}

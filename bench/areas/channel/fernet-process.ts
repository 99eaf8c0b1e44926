// The process of one round: `fernet-process.ts gatehouse|npm OCTETS SECONDS` makes round trips of one
// message, and prints the number per second of processor time as one line of JSON. Fails if the message
// changes.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { createFernet, generateFernetKey } from '@gatehouse/protocol';

/** The functions of `fernet` on npm, which has no types. */
interface NpmFernet {
  Secret: new (key: string) => object;
  Token: new (options: {
    secret: object;
    token?: string;
    ttl?: number;
  }) => {
    encode(message: string): string;
    decode(): string;
  };
}

const WARM_UP_SECONDS = 0.5;
/** The approximate length of a batch. */
const BATCH_OCTETS = 100_000;
const [, , library = '', octets = '', seconds = ''] = process.argv;
const message = randomBytes(Number(octets)).toString('base64url').slice(0, Number(octets));
const batch = Math.ceil(BATCH_OCTETS / message.length);
const roundTrip = library === 'npm' ? npmRoundTrip() : ownRoundTrip();

await perCpuSecond(WARM_UP_SECONDS);
console.log(JSON.stringify({ perCpuSecond: await perCpuSecond(Number(seconds)) }));

function ownRoundTrip(): () => Promise<void> {
  const fernet = createFernet(generateFernetKey());
  const plaintext = Buffer.from(message);
  return async () => {
    const opened = await fernet.decrypt(await fernet.encrypt(plaintext), { ttlSeconds: 60 });
    if (Buffer.compare(plaintext, opened) !== 0) throw new Error('the message is not the same');
  };
}

function npmRoundTrip(): () => Promise<void> {
  const { Secret, Token } = createRequire(import.meta.url)('fernet') as NpmFernet;
  const secret = new Secret(generateFernetKey());
  return async () => {
    const token = new Token({ secret }).encode(message);
    const opened = new Token({ secret, token, ttl: 60 }).decode();
    if (opened !== message) throw new Error('the message is not the same');
  };
}

async function perCpuSecond(atLeast: number): Promise<number> {
  const before = process.cpuUsage();
  let count = 0;
  for (let spent = 0; spent < atLeast * 1e6; spent = spentSince(before)) {
    for (let index = 0; index < batch; index += 1) await roundTrip();
    count += batch;
  }
  return (count / spentSince(before)) * 1e6;
}

function spentSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

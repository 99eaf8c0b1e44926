// `gatehouse key create NAME`: an API key for a service. Writes it to a new file with --out, otherwise to
// standard output, with nothing else. Revokes a key that cannot be written.
import type { CreatedKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { PointInTime } from '../../input/point-in-time.ts';
import { type Delivery, deliverToFile, deliverToOutput } from '../../output/deliver.ts';
import { jsonText, printJson, printWarnings, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { revokeKey } from './revoke.ts';

/** What a key may be used for. */
export interface KeyLimits {
  role?: readonly string[];
  scope?: readonly string[];
  allowAddress?: readonly string[];
  /** Seconds. */
  expiresIn?: number;
  expires?: PointInTime;
}

export interface KeyCreateFlags extends KeyLimits, ManagementFlags {
  out?: string;
}

export async function keyCreate(this: CliContext, flags: KeyCreateFlags, name: string): Promise<void> {
  const body = { name, ...limitsOf(flags) };
  await deliverKey(this, flags, {
    make: () =>
      withTransport(this, flags, (transport) => transport.call<CreatedKey>('POST', '/admin/keys', body)),
  });
}

/** In the form of the API. Throws `CliError`. */
export function limitsOf(flags: KeyLimits) {
  const { role: roles, scope: scopes, allowAddress: addresses } = flags;
  return { roles, scopes, addresses, ...endOf(flags) };
}

/** The API's limit. */
const TEN_YEARS_MS = 10 * 365 * 86_400_000;

/** A duration begins when the server creates the key. A time is sent unchanged, to the millisecond. */
function endOf({ expires, expiresIn }: KeyLimits): { expiresInSeconds?: number; expiresAt?: string } {
  if (expires !== undefined && expiresIn !== undefined)
    throw usageError('give --expires or --expires-in, not both');
  const expiresInSeconds = expires?.seconds ?? expiresIn;
  if (expiresInSeconds !== undefined) return { expiresInSeconds };
  if (expires === undefined) return {};
  const now = Date.now();
  const end = expires.after(now);
  if (end <= now) throw usageError('--expires should be a time in the future');
  if (end > now + TEN_YEARS_MS) throw usageError('--expires should be at most ten years away');
  return { expiresAt: new Date(end).toISOString() };
}

export interface NewKey<Made extends CreatedKey> {
  make(): Promise<Made>;
  /** A remark about it. */
  remarkOf?(made: Omit<Made, 'key'>): string;
}

/**
 * Makes a key and writes it to `--out`, otherwise to standard output. A key that cannot be written is
 * revoked.
 */
export async function deliverKey<Made extends CreatedKey>(
  context: CliContext,
  flags: ManagementFlags & { out?: string },
  { make, remarkOf = () => '' }: NewKey<Made>,
): Promise<void> {
  const { process } = context;
  const delivery: Delivery<Made> = {
    make,
    textOf: ({ key }) => key,
    revocationOf: ({ id }) => ({
      name: `API key ${id}`,
      revoke: () => revokeKey(context, flags, id),
      command: `gatehouse key revoke ${id}`,
    }),
  };
  const tell = (made: Omit<Made, 'key'>, what: string) =>
    remark(process, `${describe(made, what)} ${visible(remarkOf(made))}`.trimEnd());
  if (flags.out === undefined) {
    const textOf = flags.json ? jsonText : delivery.textOf;
    const created = await deliverToOutput(context, { ...delivery, textOf });
    printWarnings(process, created);
    if (flags.json) return;
    return tell(created, 'It is printed only this once; send it in X-API-Key, or as a bearer token.');
  }
  const { key: _, ...created } = await deliverToFile(flags.out, delivery);
  printWarnings(process, created);
  if (flags.json) return printJson(process, { ...created, file: flags.out });
  tell(created, `It is only in ${flags.out}; send it in X-API-Key, or as a bearer token.`);
}

function describe({ id, name, roles, expiresAt }: Omit<CreatedKey, 'key'>, what: string): string {
  const lifetime = expiresAt === null ? 'does not expire' : `expires ${expiresAt}`;
  return visible(`API key ${id} for ${name} with ${roles.join(', ')}, ${lifetime}. ${what}`);
}

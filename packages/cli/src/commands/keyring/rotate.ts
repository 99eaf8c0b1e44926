// `gatehouse keyring rotate USE`: replaces a signing key, or the master key.
import type { RotatedMasterKey, SigningKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { showSigningKeys } from './signing-keys.ts';

const MASTER_KEY = 'master-key';

export interface RotateFlags extends ManagementFlags {
  leaked?: boolean;
}

export async function keyringRotate(this: CliContext, flags: RotateFlags, use: string): Promise<void> {
  if (use === MASTER_KEY) return rotateMasterKey(this, flags);
  const body = { use, leaked: flags.leaked === true };
  const keys = await withTransport(this, flags, (transport) =>
    transport.call<SigningKey[]>('POST', '/admin/keyring/rotate', body),
  );
  showSigningKeys(this, flags, keys);
}

async function rotateMasterKey(context: CliContext, flags: RotateFlags): Promise<void> {
  if (flags.leaked)
    throw usageError(
      '--leaked is for signing keys. Someone with the master key and the database has all keys: also rotate the signing keys',
    );
  const rotated = await withTransport(context, flags, (transport) =>
    transport.call<RotatedMasterKey>('POST', '/admin/keyring/master-key/rotate', {}),
  );
  if (flags.json) return printJson(context.process, rotated);
  print(context.process, `every secret is sealed under the new master key ${rotated.kid}`);
  if (rotated.fileToShorten !== null)
    print(context.process, visible(`keep only the first line of ${rotated.fileToShorten}`));
}

// `gatehouse key add NAME`: registers a public key with which a service signs its requests (RFC 9421).
// Refuses a private key before anything is sent.
import { encodePem, encodeSpki, readPublicKey } from '@gatehouse/x509';
import type { AddedPublicKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { readInput } from '../../input/input-file.ts';
import { cannotUse } from '../../input/pki-files.ts';
import { print, printJson, printWarnings, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import type { KeyLimits } from './create.ts';
import { limitsOf } from './create.ts';

export interface KeyAddFlags extends KeyLimits, ManagementFlags {
  publicKey: string;
}

export async function keyAdd(this: CliContext, flags: KeyAddFlags, name: string): Promise<void> {
  const { process } = this;
  const body = { name, publicKey: await readPem(flags.publicKey), ...limitsOf(flags) };
  const added = await withTransport(this, flags, (transport) =>
    transport.call<AddedPublicKey>('POST', '/admin/keys/public', body),
  );
  printWarnings(process, added);
  if (flags.json) return printJson(process, added);
  print(process, added.id);
  remark(process, visible(describe(added)));
}

function describe({ id, name, algorithm, roles }: AddedPublicKey): string {
  return `The key ${id} of ${name} with ${roles.join(', ')} signs with ${algorithm}: send the id as keyid.`;
}

/** The public key in a file of any form, as PEM. */
async function readPem(path: string): Promise<string> {
  const content = await readInput(path);
  try {
    return encodePem('PUBLIC KEY', encodeSpki(readPublicKey(content)));
  } catch (error) {
    throw cannotUse(path, error);
  }
}

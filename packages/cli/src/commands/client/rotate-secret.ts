// `gatehouse client rotate-secret NAME`: replaces the secret; the old one is still accepted for a while.
// Writes the new one to a new file with --out, otherwise to standard output, with nothing else.
import type { RotatedClientSecret } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { type Delivery, deliverToFile, deliverToOutput } from '../../output/deliver.ts';
import { jsonText, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { pathOf } from './show.ts';

export interface RotateSecretFlags extends ManagementFlags {
  /** Seconds. */
  overlap: number;
  out?: string;
}

export async function clientRotateSecret(
  this: CliContext,
  flags: RotateSecretFlags,
  name: string,
): Promise<void> {
  const delivery: Delivery<RotatedClientSecret> = {
    make: () =>
      withTransport(this, flags, (transport) =>
        transport.call('POST', `${pathOf(name)}/rotate-secret`, { overlapSeconds: flags.overlap }),
      ),
    textOf: ({ client_secret: secret }) => secret,
    remedyOf: ({ name, replaces }) =>
      `the new secret of client ${name} was not delivered, and the old one is accepted until ${replaces.endsAt}: repeat the command before then`,
  };
  const tell = (made: Omit<RotatedClientSecret, 'client_secret'>) =>
    remark(
      this.process,
      visible(`new secret for client ${made.name}. The old one is accepted until ${made.replaces.endsAt}.`),
    );
  if (flags.out === undefined) {
    const made = await deliverToOutput(this, {
      ...delivery,
      textOf: flags.json ? jsonText : delivery.textOf,
    });
    return flags.json ? undefined : tell(made);
  }
  const { client_secret: _, ...made } = await deliverToFile(flags.out, delivery);
  if (flags.json) return printJson(this.process, { ...made, file: flags.out });
  tell(made);
}

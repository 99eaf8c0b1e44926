// `gatehouse client add NAME`: registers an OAuth client. Writes its secret to a new file with --out,
// otherwise to standard output, with nothing else. Removes the client if its secret cannot be written.
import type { CreatedOauthClient } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { type Delivery, deliverToFile, deliverToOutput } from '../../output/deliver.ts';
import { jsonText, printJson, printWarnings, remark, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { type MetadataFlags, metadataFrom } from './metadata.ts';
import { removeClient } from './remove.ts';

export interface ClientAddFlags extends ManagementFlags, MetadataFlags {
  grant: readonly string[];
  role?: readonly string[];
  service?: string;
  authMethod?: string;
  public?: boolean;
  out?: string;
}

export async function clientAdd(this: CliContext, flags: ClientAddFlags, name: string): Promise<void> {
  const { role: roles, service, out } = flags;
  const body = { name, service, roles, authMethod: authMethodOf(flags), ...(await metadataFrom(flags)) };
  const delivery: Delivery<CreatedOauthClient> = {
    make: () =>
      withTransport(this, flags, (transport) =>
        transport.call<CreatedOauthClient>('POST', '/admin/clients', body),
      ),
    textOf: ({ client_id: id, client_secret: secret }) => secret ?? id,
    revocationOf: ({ client_id: id }) => ({
      name: `client ${id}`,
      revoke: () => removeClient(this, flags, id),
      command: `gatehouse client remove ${id}`,
    }),
  };
  const tell = (made: CreatedOauthClient) => remark(this.process, visible(described(made, out)));
  if (out === undefined) {
    const made = await deliverToOutput(this, {
      ...delivery,
      textOf: flags.json ? jsonText : delivery.textOf,
    });
    printWarnings(this.process, made);
    return flags.json ? undefined : tell(made);
  }
  const { client_secret: _, ...made } = await deliverToFile(out, delivery);
  printWarnings(this.process, made);
  if (flags.json) return printJson(this.process, { ...made, file: out });
  tell({ ...made, client_secret: _ });
}

function authMethodOf({ public: isPublic, authMethod }: ClientAddFlags): string | undefined {
  if (!isPublic) return authMethod;
  if (authMethod === undefined || authMethod === 'none') return 'none';
  throw usageError('give --public or --auth-method, not both');
}

function described(
  { client_id: id, name, service, client_secret: secret }: CreatedOauthClient,
  file?: string,
) {
  const owner = service === null ? '' : `, acts as the service ${service}`;
  const where = file === undefined ? 'is printed only this once' : `is only in ${file}`;
  return `OAuth client ${name} with the client_id ${id}${owner}. ${secret === null ? 'It has no secret.' : `Its secret ${where}.`}`;
}

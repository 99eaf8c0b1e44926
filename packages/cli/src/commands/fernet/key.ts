// `gatehouse fernet key`: a new key, on standard output or in a new file that only this user can read.
import { generateFernetKey } from '@gatehouse/protocol';
import { deliverToFile, deliverToOutput } from '../../output/deliver.ts';
import { printJson, remark } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface FernetKeyFlags {
  out?: string;
  json?: boolean;
}

export async function fernetKey(this: CliContext, { out, json }: FernetKeyFlags): Promise<void> {
  const delivery = { make: async () => generateFernetKey(), textOf: (key: string) => key };
  if (out === undefined) {
    if (json) return printJson(this.process, { key: generateFernetKey() });
    await deliverToOutput(this, delivery);
    return;
  }
  await deliverToFile(out, delivery);
  if (json) return printJson(this.process, { file: out });
  remark(this.process, `key written to ${out}`);
}

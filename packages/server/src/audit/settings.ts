// The settings of the ledger: the places outside the data folder that have its head.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GatehouseError } from '@gatehouse/access';
import { readCertificates } from '@gatehouse/x509';
import { z } from 'zod';
import { requireWritable } from '../platform/data-folder/writable-place.ts';
import { WITNESS_FILE } from '../platform/ledger/witness.ts';
import { readingProblem } from '../platform/problems/file-problem.ts';
import { toggle } from '../platform/settings/setting-types.ts';
import { readToken } from './address/token.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** The URL is in logs and in the ledger, so it must not have a secret. */
function isAddress(text: string): boolean {
  const { protocol, hostname = '', username, password, search, hash } = URL.parse(text) ?? {};
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname))) return false;
  return !username && !password && !search && !hash;
}

const witnessAddress = z
  .strictObject({
    url: z
      .string()
      .refine(
        isAddress,
        'must be an https URL without user, password and query, such as https://store.example.com/gatehouse/head.json (http: only on this machine)',
      )
      .optional()
      .describe('An HTTP server that stores the head of the ledger, by PUT, and returns it, by GET')
      .meta({ examples: ['https://store.example.com/gatehouse/head.json'] }),
    tokenFile: z
      .string()
      .min(1, 'must be a file')
      .optional()
      .describe('A file with the bearer token for that server, on one line')
      .meta({ examples: ['/etc/gatehouse/witness-token'] }),
    trust: z
      .string()
      .min(1, 'must be a file')
      .optional()
      .describe('PEM file of the roots to trust for that server; default: the roots of the system')
      .meta({ examples: ['/etc/ssl/store-root.pem'] }),
    required: toggle().describe(
      'Whether the start fails if the address cannot be read; otherwise the server only warns',
    ),
  })
  .superRefine(({ url, tokenFile, trust, required }, context) => {
    if (url !== undefined || (tokenFile === undefined && trust === undefined && !required)) return;
    const message = 'must be set when another setting of audit.witnessAddress is set';
    context.addIssue({ code: 'custom', path: ['url'], message });
  })
  .prefault({});

export type WitnessAddressSettings = z.output<typeof witnessAddress>;

export const auditSettings = z
  .strictObject({
    witness: z
      .string()
      .min(1, 'must be a file')
      .optional()
      .describe(
        'A second file with the head of the ledger, best on another disk. With it, a start notices that the whole data folder is an older copy',
      ),
    witnessAddress,
  })
  .prefault({});

export type AuditSettings = z.output<typeof auditSettings>;

/** Checks for what a start would refuse about the settings. Each throws `config_invalid`. */
export function auditChecks(
  { witness, witnessAddress: { tokenFile, trust } }: AuditSettings,
  dataFolder: string,
): (() => unknown)[] {
  const checks: (() => unknown)[] = [];
  if (witness !== undefined) {
    const path = resolve(dataFolder, witness);
    checks.push(
      () => refuseOwnWitness(path, dataFolder),
      () => requireWritable(path, { setting: 'audit.witness', dataFolder }),
    );
  }
  if (tokenFile !== undefined) checks.push(() => usable('tokenFile', tokenFile, readToken));
  if (trust !== undefined)
    checks.push(() => usable('trust', trust, (file) => readCertificates(readFileSync(file))));
  return checks;
}

/** The built-in file cannot also be the second witness. */
function refuseOwnWitness(path: string, dataFolder: string): void {
  if (path !== join(dataFolder, WITNESS_FILE)) return;
  throw new GatehouseError(
    'config_invalid',
    `Setting audit.witness is not valid: ${path} is the built-in witness of the data folder: name a file elsewhere.`,
  );
}

function usable(setting: string, file: string, read: (file: string) => unknown): void {
  try {
    read(file);
  } catch (error) {
    const reason = readingProblem(error) ?? (error as Error).message;
    const detail = `Setting audit.witnessAddress.${setting} is not valid: ${file} cannot be used: ${reason}.`;
    throw new GatehouseError('config_invalid', detail, { cause: error });
  }
}

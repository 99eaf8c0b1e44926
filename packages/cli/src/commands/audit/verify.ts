// `gatehouse audit verify`: checks the ledger's chain of hashes, and compares it with heads that were stored
// elsewhere. Exits with 1 if the chain is broken, or if a head contradicts it.
import type { AuditVerification } from '../../connection/admin-api.ts';
import { type Transport, withTransport } from '../../connection/transport.ts';
import { CliError, exitStatus, usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { decodeText } from '../../input/decode-text.ts';
import { readInput } from '../../input/input-file.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { type ComparedHead, compareHead, type KeySet } from './compare-heads.ts';
import { readStoredHeads, type StoredHead } from './stored-heads.ts';

export interface AuditVerifyFlags extends ManagementFlags {
  witness?: string;
  witnessKeys?: string;
}

const KEY_SET = '/.well-known/gatehouse-ledger-jwks.json';

export async function auditVerify(this: CliContext, flags: AuditVerifyFlags): Promise<void> {
  const { witness, witnessKeys, json } = flags;
  if (witnessKeys !== undefined && witness === undefined) throw usageError('--witness-keys needs --witness');
  const heads = witness === undefined ? undefined : await readStoredHeads(witness);
  const stored = witnessKeys === undefined ? undefined : await readKeySet(witnessKeys);
  const [result, compared] = await withTransport(this, flags, async (transport) => {
    const verification = await transport.call<AuditVerification>('POST', '/admin/audit/verify');
    return [verification, heads && (await compareAll(transport, heads, stored))] as const;
  });
  const isContradicted = compared?.some(({ problem }) => problem !== null) === true;
  if (!result.ok || isContradicted) this.process.exitCode = exitStatus.failed;
  if (json) return printJson(this.process, { ...result, ...(compared && { witnesses: compared }) });
  print(this.process, describe(result));
  for (const head of compared ?? []) print(this.process, visible(`${witness}: ${describeHead(head)}`));
}

async function compareAll(
  transport: Transport,
  heads: readonly StoredHead[],
  stored: KeySet | undefined,
): Promise<ComparedHead[]> {
  const keySet = stored ?? (await transport.call<KeySet>('GET', KEY_SET));
  const compared: ComparedHead[] = [];
  for (const head of heads) {
    compared.push(await compareHead(transport, head, { keySet, mustBeSigned: stored !== undefined }));
  }
  return compared;
}

/** Throws `CliError`. */
async function readKeySet(path: string): Promise<KeySet> {
  try {
    const { keys } = JSON.parse(decodeText(await readInput(path), path));
    if (Array.isArray(keys)) return { keys };
  } catch (error) {
    if (error instanceof CliError) throw error;
  }
  throw new CliError(
    exitStatus.failed,
    `${path} is not a key set: store the answer of the server at ${KEY_SET}`,
  );
}

function describe({ ok, entries, head, problem }: AuditVerification): string {
  if (ok) return visible(`the ledger is intact: ${entries} entries, head ${head?.hash ?? '-'}`);
  const where = problem === undefined ? '' : ` at entry ${problem.seq}: ${problem.reason}`;
  return visible(`the ledger is broken${where}`);
}

function describeHead({ seq, signedAt, problem }: ComparedHead): string {
  const signed = signedAt === null ? 'not signed' : `signed ${signedAt}`;
  return problem === null
    ? `the ledger has the head at entry ${seq} (${signed})`
    : `the head at entry ${seq} does not match: ${problem}`;
}

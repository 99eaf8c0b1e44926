// `gatehouse hash` and `gatehouse hmac`: a line for each file, as sha256sum prints it. It reports a file that
// it cannot read, and continues with the others. Refuses to make new sums with MD5.
import { type CheckAlgorithm, hasHash, hasHmac, hash, hmac } from '@gatehouse/client/hash';
import { cannotRead, exitStatus, usageError } from '../../exit-status.ts';
import { readKeyOctets } from '../../input/secrets.ts';
import { print, printJson, remark, sayThatItReads, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { checkSums } from './check.ts';
import { formatSum } from './sum-line.ts';
import { inputOf, type Summer } from './summer.ts';

export interface HashFlags {
  algorithm: CheckAlgorithm;
  check?: string;
  json?: boolean;
}

export interface HmacFlags extends HashFlags {
  keyFile: string;
}

export async function hashCommand(this: CliContext, flags: HashFlags, ...paths: string[]): Promise<void> {
  const { algorithm } = flags;
  await printOrCheck(this, flags, paths, {
    algorithm,
    make: (input) => hash(requireStrong(algorithm), input),
    check: (input, expected) => hasHash(algorithm, input, expected),
  });
}

export async function hmacCommand(this: CliContext, flags: HmacFlags, ...paths: string[]): Promise<void> {
  const algorithm = requireStrong(flags.algorithm, 'md5 is not allowed for an HMAC: give --algorithm sha256');
  const key = await readKeyOctets(flags.keyFile, this.process);
  await printOrCheck(this, flags, paths, {
    algorithm,
    make: (input) => hmac(algorithm, key, input),
    check: (input, expected) => hasHmac(algorithm, key, input, expected),
  });
}

async function printOrCheck(
  context: CliContext,
  flags: HashFlags,
  paths: readonly string[],
  summer: Summer,
): Promise<void> {
  if (flags.check === undefined) return printSums(context, flags, { paths, summer });
  if (paths.length > 0) throw usageError('--check reads the names of the files from SUMS: leave out FILE');
  await checkSums(context, flags.check, { summer, json: flags.json === true });
}

function requireStrong(algorithm: CheckAlgorithm, refusal = MD5_REFUSAL) {
  if (algorithm === 'md5') throw usageError(refusal);
  return algorithm;
}

const MD5_REFUSAL =
  'md5 is only for --check, because an attacker can make two files with the same md5: use sha256';

async function printSums(
  { process }: CliContext,
  { algorithm, json }: HashFlags,
  { paths, summer }: { paths: readonly string[]; summer: Summer },
): Promise<void> {
  requireStrong(algorithm);
  if (paths.length === 0) sayThatItReads(process);
  const documents: { file: string; algorithm: string; sum: string }[] = [];
  for (const file of paths.length === 0 ? ['-'] : paths) {
    const sum = await summer.make(inputOf(file, process)).catch((error) => {
      remark(process, `gatehouse: ${visible(cannotRead(file, error).message)}`);
      process.exitCode = exitStatus.failed;
    });
    if (sum === undefined) continue;
    if (json) documents.push({ file, algorithm, sum });
    else print(process, formatSum(sum, file));
  }
  if (json) printJson(process, documents);
}

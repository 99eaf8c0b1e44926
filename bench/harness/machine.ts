// On what was measured: a table without it says nothing.
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** Processor, cores, memory and kernel, in one line. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  return `${model}, ${availableParallelism()} cores, ${gibibytes} GiB, ${type()} ${release()}`;
}

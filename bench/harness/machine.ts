// Describes the machine, because results depend on it.
import { cpus, release, totalmem, type } from 'node:os';

/** Processor, cores, memory and kernel, in one line. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  return `${model}, ${cpus().length} cores, ${gibibytes} GiB, ${type()} ${release()}`;
}

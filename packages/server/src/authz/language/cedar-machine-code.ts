// The machine code of Cedar's library. V8 compiles WebAssembly once for all threads that load the same
// octets, and forgets the machine code when none of them has the module. Compilation takes most of the time
// of a task, and tasks often follow each other, so this thread has the module too, until no task has begun
// for a minute.
import { readFile } from 'node:fs/promises';

const KEPT_MS = 60_000;

let kept: { module: Promise<WebAssembly.Module>; timer: NodeJS.Timeout } | undefined;

/** Call it before each task. */
export async function keepMachineCode(): Promise<void> {
  kept ??= { module: compile(), timer: setTimeout(forget, KEPT_MS).unref() };
  kept.timer.refresh();
  await kept.module;
}

async function compile(): Promise<WebAssembly.Module> {
  const file = new URL('cedar_wasm_bg.wasm', import.meta.resolve('#cedar-library'));
  return WebAssembly.compile(await readFile(file));
}

function forget(): void {
  kept = undefined;
}

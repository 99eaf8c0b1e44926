// The names of our own listeners: those of this machine, and the configured ones, each once.

const OF_THIS_MACHINE = ['localhost', '127.0.0.1', '::1'];

export function ownNames({ names }: { names: readonly string[] }): string[] {
  return [...new Set([...OF_THIS_MACHINE, ...names])];
}

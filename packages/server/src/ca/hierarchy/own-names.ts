// The names of our own listeners: the names of this machine, and the configured names, each once.

const OF_THIS_MACHINE = ['localhost', '127.0.0.1', '::1'];

export function ownNames({ names }: { names: readonly string[] }): string[] {
  return [...new Set([...OF_THIS_MACHINE, ...names])];
}

// The store of the user on Windows, through the system's own `certutil`; Windows asks the user to confirm.
import { type Run, requirePath, runWell, shellLine, type TrustStore } from './store.ts';

export function createWindowsStore(run: Run): TrustStore {
  const certutil = (...args: string[]) => ['certutil', '-user', ...args];
  return {
    kind: 'system',
    name: 'the system (Trusted Root Certification Authorities of this user)',
    holds: async ({ sha1 }) => run(certutil('-store', 'Root', sha1)).status === 0,
    async add(root) {
      runWell(run, certutil('-addstore', 'Root', requirePath(root)));
    },
    async remove({ sha1 }) {
      runWell(run, certutil('-delstore', 'Root', sha1));
    },
    command({ path, sha1 }, undo) {
      if (undo) return shellLine(certutil('-delstore', 'Root', sha1));
      return path && shellLine(certutil('-addstore', 'Root', path));
    },
  };
}

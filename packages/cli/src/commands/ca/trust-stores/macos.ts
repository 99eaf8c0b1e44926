// The system's store on macOS: the system keychain, through `security`, which only the superuser may change.
import {
  NotPermitted,
  type Root,
  type Run,
  requirePath,
  runWell,
  shellLine,
  type TrustStore,
} from './store.ts';

const KEYCHAIN = '/Library/Keychains/System.keychain';

export function createKeychain(run: Run, isSuperuser: boolean): TrustStore {
  const add = (root: Root) => {
    return ['security', 'add-trusted-cert', '-d', '-r', 'trustRoot', '-k', KEYCHAIN, requirePath(root)];
  };
  const remove = ({ sha1 }: Root) => ['security', 'delete-certificate', '-t', '-Z', sha1, KEYCHAIN];
  const change = async (argv: readonly string[]) => {
    if (!isSuperuser) throw new NotPermitted('only the superuser may change it');
    runWell(run, argv);
  };
  return {
    kind: 'system',
    name: `the system (${KEYCHAIN})`,
    holds: async ({ sha256 }) =>
      runWell(run, ['security', 'find-certificate', '-a', '-Z', KEYCHAIN]).includes(
        `SHA-256 hash: ${sha256}`,
      ),
    add: (root) => change(add(root)),
    remove: (root) => change(remove(root)),
    command(root, undo) {
      if (undo) return `sudo ${shellLine(remove(root))}`;
      return root.path && `sudo ${shellLine(add(root))}`;
    },
  };
}

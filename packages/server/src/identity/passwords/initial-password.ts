// The administrator's first password: a file in the data folder until the password is replaced.
import type { DataFolder } from '../../platform/data-folder/data-folder.ts';
import type { InitialPassword } from '../users/users.ts';

const FILE = 'admin-password';

export function initialPasswordIn(folder: DataFolder): InitialPassword {
  return {
    announce: (password) => folder.write(FILE, `${password}\n`),
    forget: () => folder.remove(FILE),
  };
}

/** The path of the file; undefined once the password was replaced. */
export function initialPasswordFile(folder: DataFolder): string | undefined {
  return folder.read(FILE) === undefined ? undefined : folder.file(FILE);
}

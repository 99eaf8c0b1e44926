// Says in words why a file cannot be used, so that people need not know EACCES.

const READING: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
  ERR_FS_EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links form a loop',
  EMFILE: 'this process has too many open files',
  EIO: 'the disk reports an error',
};

const WRITING: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EISDIR: 'it is a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the disk reports an error',
};

/** Why reading failed; undefined if the error did not come from the file system. */
export function readingProblem(error: unknown): string | undefined {
  return READING[(error as NodeJS.ErrnoException).code ?? ''];
}

/** Why writing failed; undefined if the error did not come from the file system. */
export function writingProblem(error: unknown): string | undefined {
  return WRITING[(error as NodeJS.ErrnoException).code ?? ''];
}

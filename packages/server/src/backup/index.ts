// Backups: made from a data folder, encrypted, read back, and restored (docs/wire/backup.md).
export { createArchive, readArchive, removeLeftCopies } from './archive.ts';
export { decrypt, encrypt } from './encryption.ts';
export type { Manifest } from './manifest.ts';
export { restoreInto } from './restore.ts';
export { backupRoute } from './route.ts';

// Backups: made from a data folder, encrypted, read back, and restored (docs/wire/backup.md).
export { removeLeftCopies } from './archive.ts';
export type { BackupFacts, BackupKey, BackupLock } from './backups.ts';
export { archiveOfStopped, restoreBackup, sealBackup } from './backups.ts';
export { backupRoute } from './route.ts';

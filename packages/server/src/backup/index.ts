// Backups: made from a data folder, encrypted, read back, and restored (docs/wire/backup.md).
export { createHeader } from './age-header.ts';
export { passphraseIdentity, passphraseRecipient } from './age-scrypt.ts';
export type { Identity } from './age-stanza.ts';
export { keyIdentity, parseRecipient } from './age-x25519.ts';
export { createArchive, readArchive, removeLeftCopies } from './archive.ts';
export { decrypt, encrypt, knownKey } from './encryption.ts';
export type { Manifest } from './manifest.ts';
export { restoreInto } from './restore.ts';
export { backupRoute } from './route.ts';

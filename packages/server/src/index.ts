// @gatehouse/server: the server as a library, and the type of its configuration file.
export type * from './api-types.ts';
export { formatPolicies } from './authz/index.ts';
export type { BackupFacts, BackupKey, BackupLock } from './backups.ts';
export { archiveOfStopped, restoreBackup, sealBackup } from './backups.ts';
export type { CheckedConfiguration, TakenAddress } from './check-configuration.ts';
export { checkConfiguration } from './check-configuration.ts';
export type { UserConfig } from './config.ts';
export { findConfigurationFile } from './configuration/index.ts';
export { defineConfig } from './define-config.ts';
export type { ConfigSources } from './load-config.ts';
export type { ReadyFacts } from './ready.ts';
export type { RunningServer, ServeOptions } from './server.ts';
export { serve } from './server.ts';
export { VERSION } from './version.ts';

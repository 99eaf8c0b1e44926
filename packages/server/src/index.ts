// @gatehouse/server: the server as a library, and the type of its configuration file.
export type * from './api-types.ts';
export { formatPolicies } from './authz/index.ts';
export type { BackupFacts, BackupKey, BackupLock } from './backup/index.ts';
export { archiveOfStopped, restoreBackup, sealBackup } from './backup/index.ts';
export type { UserConfig } from './config.ts';
export { findConfigurationFile } from './configuration/index.ts';
export { VERSION } from './platform/version.ts';
export type { ReadyFacts } from './ready.ts';
export type { RunningServer, ServeOptions } from './server.ts';
export { serve } from './server.ts';
export type { CheckedConfiguration, TakenAddress } from './settings/check-configuration.ts';
export { checkConfiguration } from './settings/check-configuration.ts';
export { defineConfig } from './settings/define-config.ts';
export type { ConfigSources } from './settings/load-config.ts';

// Reads settings from files, the environment and the command line, and describes mistakes in them. The schema
// of the callers defines the settings.
export { findConfigurationFile } from './file.ts';
export { nearest } from './nearest.ts';
export { problemsIn } from './problems.ts';
export type { ConfigurationRecord } from './record.ts';
export { configurationMigrations, readRecord, refuseOtherFile, writeRecord } from './record.ts';
export { defaultAt, settingPaths } from './setting-paths.ts';
export type { ConfigSources, WrittenSettings } from './sources.ts';
export { readSources } from './sources.ts';
export type { Tree } from './tree.ts';
export { assign, valueAt } from './tree.ts';

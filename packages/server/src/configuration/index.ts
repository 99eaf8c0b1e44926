// Reading settings: files, environment and command line, and what to say about mistakes in them. Which
// settings there are is in the schema that callers pass.
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

// Checks whether a file of the settings can be written, without creating it.
import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { GatehouseError } from '@gatehouse/access';
import { writingProblem } from '../problems/file-problem.ts';
import { requireUsable } from './data-folder.ts';

/**
 * Throws `config_invalid`, or `data_folder_unusable` if the file is in the data folder and that folder is the
 * reason. A start creates the data folder, so it need not exist yet.
 * @example
 * requireWritable('/var/log/gatehouse.log', { setting: 'log.access', dataFolder: '/var/lib/gatehouse' });
 */
export function requireWritable(path: string, place: { setting: string; dataFolder: string }): void {
  if (dirname(path) === place.dataFolder) requireUsable(place.dataFolder);
  try {
    tryPlace(path, place.dataFolder);
  } catch (error) {
    throw notWritable(path, place.setting, error);
  }
}

/** The same sentence for a write that failed. */
export function notWritable(path: string, setting: string, error: unknown): GatehouseError {
  const reason = writingProblem(error) ?? (error as Error).message;
  const detail = `Setting ${setting} is not valid: ${path} cannot be written (${reason}).`;
  return new GatehouseError('config_invalid', detail, { cause: error });
}

function tryPlace(path: string, dataFolder: string): void {
  const file = statSync(path, { throwIfNoEntry: false });
  if (file?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  const folder = dirname(path);
  const isMadeLater = folder === dataFolder && statSync(folder, { throwIfNoEntry: false }) === undefined;
  if (file !== undefined) accessSync(path, constants.W_OK);
  else if (!isMadeLater) accessSync(folder, constants.W_OK);
}

// The witnesses that are files: one in the data folder, and a second one that the setting names.
import { GatehouseError, isDiskFull } from '@gatehouse/access';
import type { DataFolder } from '../platform/data-folder/data-folder.ts';
import { notWritable } from '../platform/data-folder/writable-place.ts';
import type { LedgerHead } from '../platform/ledger/ledger-head.ts';
import { readWitness, WITNESS_FILE, writeWitness } from '../platform/ledger/witness.ts';
import type { WitnessPlace } from './witnesses.ts';

/** If the disk is full, a server starts without this file. It is written with the next entry. */
export function ownWitness(folder: Pick<DataFolder, 'file'>): WitnessPlace {
  const path = folder.file(WITNESS_FILE);
  const unwritable = (error: unknown) =>
    new GatehouseError(
      'data_folder_unusable',
      `The witness of the ledger ${path} cannot be written (${(error as Error).message}): give this user access to the data folder.`,
      { cause: error },
    );
  return {
    name: WITNESS_FILE,
    path,
    read: () => readWitness(path),
    make: (head) =>
      written(path, head).catch((error) => {
        if (isDiskFull(error)) return false;
        throw unwritable(error);
      }),
  };
}

/** The file of `audit.witness`. */
export function secondWitness(path: string): WitnessPlace {
  return {
    name: path,
    path,
    read: () => readWitness(path),
    make: (head) =>
      written(path, head).catch((error) => {
        throw notWritable(path, 'audit.witness', error);
      }),
  };
}

async function written(path: string, head: LedgerHead): Promise<true> {
  await writeWitness(path, head);
  return true;
}

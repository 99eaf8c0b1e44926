// The error codes of problems that stop a start, or an operation of a running server.
import type { CatalogueEntry } from './catalogue-entry.ts';

export const operationErrors = {
  backup_key_invalid: {
    status: 500,
    title: 'Not a key for backups',
    means:
      'A recipient is not a public key of age, or an identity file does not contain a secret key of age.',
    remedy: 'Make a pair with `age-keygen`. Give the public key to `backup` and the file to `restore`.',
  },
  backup_unreadable: {
    status: 422,
    title: 'Backup cannot be read',
    means: 'The file is not a backup, has another passphrase, or was altered or truncated.',
    remedy: 'Check the name of the file and the passphrase, or use another copy of the file.',
  },
  clock_wrong: {
    status: 503,
    title: 'The clock is wrong',
    means: "The clock of this machine is outside the lifetime of the authority's own certificate.",
    remedy: 'Set the clock, then try again.',
  },
  config_unknown: {
    status: 500,
    title: 'Unknown setting',
    means: 'No setting has this name.',
    remedy: 'Correct the name ([all settings](configuration.md)), or remove the setting.',
  },
  policy_invalid: {
    status: 422,
    title: 'Policy is not valid',
    means: 'A Cedar policy, or the data for its evaluation, is not valid.',
    remedy: 'Correct what the message names. Until then, the last valid policies apply.',
  },
  config_invalid: {
    status: 500,
    title: 'Setting is not valid',
    means: 'The value of a setting is not valid, or it contradicts another setting.',
    remedy: 'Change the setting that the message names.',
  },
  config_file_changed: {
    status: 500,
    title: 'Another configuration file',
    means: 'The last server on this data folder used another configuration file than this start found.',
    remedy: 'Name the right file with `--config`, or serve without a file with `--config none`.',
  },
  config_unreadable: {
    status: 500,
    title: 'Configuration cannot be read',
    means: 'The configuration file is missing, has a syntax error or is not UTF-8.',
    remedy: 'Correct the file, or the path after `--config`.',
  },
  database_incomplete: {
    status: 500,
    title: 'Database is missing or incomplete',
    means: 'The data folder is not new, but its database is missing, empty or lacks tables.',
    remedy: 'Restore a backup. Your clients would not trust a new authority.',
  },
  data_folder_locked: {
    status: 500,
    title: 'Data folder is in use',
    means: 'Another process serves from this data folder.',
    remedy: 'Stop the other process, or choose another folder with `--data`.',
  },
  data_folder_unusable: {
    status: 500,
    title: 'Data folder cannot be used',
    means: 'The data folder cannot be created, read or written.',
    remedy: 'Give this user access to the folder, or choose another with `--data`.',
  },
  data_folder_occupied: {
    status: 409,
    title: 'Data folder is not empty',
    means: 'A backup can be restored only into a new or an empty folder, and this folder has files.',
    remedy: 'Name another folder with `--data`, or move the files away first.',
  },
  ledger_rolled_back: {
    status: 500,
    title: 'Database is an older copy',
    means:
      'The ledger ends before its witness, or the witness is missing. So the database may be an older copy.',
    remedy:
      'Put back the current files, or restore the newest backup. To continue with the copy, use `gatehouse up --accept-rollback`.',
  },
  listen_failed: {
    status: 500,
    title: 'Cannot listen',
    means: 'Another program uses the address and the port, or this user may not use them.',
    remedy: 'Stop the other program, or change the setting that the message names.',
  },
  master_key_missing: {
    status: 500,
    title: 'Master key is missing',
    means: 'The database has sealed keys, but the file with the master key is missing.',
    remedy: 'Restore `master.key`, or set `GATEHOUSE_MASTER_KEY_FILE`. Without it the keys are lost.',
  },
  master_key_wrong: {
    status: 500,
    title: 'Master key is wrong',
    means: 'The keys were sealed with another master key, or the file of the master key is damaged.',
    remedy: 'Restore the file that belongs to this database.',
  },
  migration_failed: {
    status: 500,
    title: 'Database migration failed',
    means:
      'The database could not be changed to the form of this version, or a newer version wrote it. Nothing in it was changed.',
    remedy: 'Start the newer version, or restore a backup.',
  },
  store_full: {
    status: 503,
    title: 'Storage is full',
    means: 'The disk of the data folder is full. Requests that need no record are still served.',
    remedy: 'Free space on the disk. The server then continues without a restart.',
  },
  store_failed: {
    status: 503,
    title: 'Storage failed',
    means: 'The database reported an error, such as a damaged disk.',
    remedy: 'Find the cause in the log, check the disk, and restore a backup if necessary.',
  },
  witness_unreachable: {
    status: 503,
    title: 'Witness cannot be reached',
    means: 'The server at `audit.witnessAddress.url` does not store or return the head of the ledger.',
    remedy: 'Check that server, the token and the network, or set `audit.witnessAddress.required` to false.',
  },
} as const satisfies Record<string, CatalogueEntry>;

// `gatehouse doctor`: options and help.
import { buildCommand } from '@stricli/core';
import { data, repeated, toggle, value, withExamples } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

const brief = 'Check this installation and its data folder, and print how to fix each problem';

export const doctor = buildCommand({
  loader: async () => (await import('./doctor.ts')).doctor,
  parameters: {
    flags: {
      data,
      config: value("Configuration file, or the word none, as with 'gatehouse up'", 'FILE'),
      set: repeated("One setting, as with 'gatehouse up'", 'KEY=VALUE'),
      upstream: value("The API to protect, as with 'gatehouse up'", 'URL'),
      backup: value('Also check the age of this backup', 'FILE'),
      backupAge: {
        kind: 'parsed',
        parse: parseDuration,
        default: '7d',
        brief: 'Report a problem if the file of --backup is older than this',
        placeholder: 'DURATION',
      },
      json: toggle('Print one JSON document'),
    },
  },
  docs: {
    brief,
    fullDescription: withExamples(
      `${brief}.\nIt needs no running server. The exit status is 1 if there is a problem.`,
      'gatehouse doctor',
      'gatehouse doctor --data /var/lib/gatehouse --backup /mnt/gatehouse.backup',
    ),
  },
});

// The protocols of `--starttls`. In a separate file, because every command loads the help of all commands.

export const STARTTLS = ['smtp', 'imap', 'pop3', 'ftp', 'postgres'] as const;
export type StartTls = (typeof STARTTLS)[number];

/** The usual port of each. */
export const STARTTLS_PORTS: Readonly<Record<StartTls, number>> = {
  smtp: 25,
  imap: 143,
  pop3: 110,
  ftp: 21,
  postgres: 5432,
};

// The contents of the database, read from its file beside the running server.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Tables {
  /** Ids of those that are not revoked. */
  keys: ReadonlySet<string>;
  /** The names of users and services. */
  names: ReadonlySet<string>;
  users: ReadonlySet<string>;
  services: ReadonlySet<string>;
  /** Serial numbers of certificates for others, in lower-case hex. */
  certificates: ReadonlySet<string>;
  revoked: ReadonlySet<string>;
  /** Ids of ACME accounts. */
  accounts: ReadonlySet<string>;
  /** Ids of active OAuth clients. */
  clients: ReadonlySet<string>;
  /** Names of the members of groups. */
  members: ReadonlySet<string>;
  /** Names to which the policies in force forbid everything. */
  forbidden: ReadonlySet<string>;
  validAccounts: ReadonlySet<string>;
}

const LAST_POLICIES = 'SELECT files AS value FROM policy_versions ORDER BY version DESC LIMIT 1';
const OTHERS = "profile NOT IN ('root', 'intermediate')";

export function readTables(data: string): Tables {
  const database = new DatabaseSync(join(data, 'gatehouse.db'), { readOnly: true });
  try {
    database.exec('BEGIN');
    return readAll((query) => {
      const rows = database.prepare(query).all() as { value: string }[];
      return new Set(rows.map(({ value }) => value));
    });
  } finally {
    database.close();
  }
}

function readAll(column: (query: string) => Set<string>): Tables {
  const users = column('SELECT name AS value FROM users');
  const services = column('SELECT name AS value FROM services');
  return {
    keys: column('SELECT id AS value FROM api_keys WHERE revoked_at IS NULL'),
    names: new Set([...users, ...services]),
    users,
    services,
    certificates: column(`SELECT serial_number AS value FROM ca_certificates WHERE ${OTHERS}`),
    revoked: column(
      `SELECT serial_number AS value FROM ca_certificates WHERE ${OTHERS} AND revoked_at IS NOT NULL`,
    ),
    accounts: column('SELECT id AS value FROM acme_accounts'),
    clients: column("SELECT id AS value FROM oauth_clients WHERE state = 'active'"),
    members: column('SELECT user_name AS value FROM group_members'),
    forbidden: forbiddenIn(column(LAST_POLICIES)),
    validAccounts: column("SELECT id AS value FROM acme_accounts WHERE status = 'valid'"),
  };
}

function forbiddenIn([files = '']: Iterable<string>): Set<string> {
  return new Set([...files.matchAll(/User::\\"([^"\\]+)\\"/g)].map(([, name = '']) => name));
}

// Writes thousands of users and API keys into the database of a data folder without a running server, because
// the admin API would take an hour. No one can sign in as one of the users, and no key matches one of the
// hashes.
import { hash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const DATABASE_FILE = 'gatehouse.db';
const ROLES = JSON.stringify(['user']);
const PASSWORD_HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LENGTH = 16;

/** Adds `count` users and `count` keys. */
export function populate(folder: string, count: number): void {
  const database = new DatabaseSync(join(folder, DATABASE_FILE));
  try {
    database.exec('BEGIN');
    addUsers(database, count);
    addKeys(database, count);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

function addUsers(database: DatabaseSync, count: number): void {
  const insert = database.prepare(
    'INSERT INTO users (name, password_hash, roles, disabled, created_at, token_epoch) VALUES (?, ?, ?, 0, ?, ?)',
  );
  for (let index = 0; index < count; index += 1) {
    insert.run(`person-${index}@example.com`, PASSWORD_HASH, ROLES, Date.now(), index + 1);
  }
}

function addKeys(database: DatabaseSync, count: number): void {
  const insert = database.prepare(
    'INSERT INTO api_keys (id, name, secret_hash, roles, created_at) VALUES (?, ?, ?, ?, ?)',
  );
  for (let index = 0; index < count; index += 1) {
    insert.run(keyId(), `program-${index}`, hash('sha256', randomBytes(20)), ROLES, Date.now());
  }
}

function keyId(): string {
  return Array.from(randomBytes(ID_LENGTH), (octet) => ID_LETTERS[octet % ID_LETTERS.length]).join('');
}

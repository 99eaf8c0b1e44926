// Kysely over node:sqlite, through the two methods of better-sqlite3 that Kysely's SQLite dialect calls. Also
// runs the same statements without Kysely, for queries with known text.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';

/** A connection without tables. The store of a capability adds its own with `withTables`. */
export type Connection = Kysely<Record<never, never>>;

type Statement = ReturnType<typeof adaptStatement>;
type Prepare = (text: string) => Statement;

// Prepared statements are cached by their text: Kysely compiles the same query to the same text.
const STATEMENTS_CACHED = 256;

const prepareOn = new WeakMap<Connection, Prepare>();

export function connectKysely(database: DatabaseSync): Connection {
  const prepare = createPrepare(database);
  const connection: Connection = new Kysely({
    dialect: new SqliteDialect({ database: { close: () => database.close(), prepare } }),
  });
  prepareOn.set(connection, prepare);
  return connection;
}

/** Runs a statement at once and returns its rows. Throws the errors of node:sqlite. */
export function runStatement(
  connection: Connection,
  text: string,
  parameters: readonly unknown[],
): unknown[] {
  const statement = prepareOn.get(connection)?.(text);
  if (!statement) throw new TypeError('not a connection of this database');
  if (statement.reader) return statement.all(parameters);
  statement.run(parameters);
  return [];
}

function createPrepare(database: DatabaseSync): Prepare {
  const prepared = new Map<string, Statement>();
  return (text) => {
    const known = prepared.get(text);
    if (known) return known;
    if (prepared.size >= STATEMENTS_CACHED) prepared.clear();
    const statement = adaptStatement(database.prepare(text));
    prepared.set(text, statement);
    return statement;
  };
}

function adaptStatement(statement: StatementSync) {
  return {
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

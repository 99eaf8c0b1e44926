// Lets Kysely speak to node:sqlite: the two methods of better-sqlite3 that its SQLite dialect calls.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { SqliteDialect } from 'kysely';

// Prepared statements are kept by their text; Kysely compiles the same query to the same text.
const STATEMENTS_KEPT = 256;

export function createSqliteDialect(connection: DatabaseSync): SqliteDialect {
  const prepared = new Map<string, ReturnType<typeof adaptStatement>>();
  return new SqliteDialect({
    database: {
      close: () => connection.close(),
      prepare(text) {
        const known = prepared.get(text);
        if (known) return known;
        if (prepared.size >= STATEMENTS_KEPT) prepared.clear();
        const statement = adaptStatement(connection.prepare(text));
        prepared.set(text, statement);
        return statement;
      },
    },
  });
}

function adaptStatement(statement: StatementSync) {
  return {
    reader: statement.columns().length > 0,
    all: (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

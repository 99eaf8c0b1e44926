// Queries of the hot path. Kysely builds and compiles a query every time, which takes several times as long
// as SQLite needs to run it. These queries are compiled once, by Kysely, so that they fit every dialect of
// the store. After that they run without Kysely.
import type { Compilable } from 'kysely';
import type { Connection } from './sqlite-connection.ts';
import { runStatement } from './sqlite-connection.ts';

/** Runs the query on a connection without tables, and returns its rows. */
export type PreparedQuery<P extends readonly unknown[], R> = (
  connection: Connection,
  ...parameters: P
) => Promise<R[]>;

/**
 * `build` writes the query. It must use the parameters in the given order, and nothing else may vary.
 * Otherwise the first run throws a `TypeError`.
 */
export function prepareQuery<P extends readonly unknown[], R>(
  build: (...parameters: P) => Compilable<R>,
): PreparedQuery<P, R> {
  let text: string | undefined;
  return async (connection, ...parameters) => {
    text ??= compiledText(build(...parameters), parameters);
    return runStatement(connection, text, parameters) as R[];
  };
}

function compiledText(query: Compilable<unknown>, parameters: readonly unknown[]): string {
  const { sql, parameters: compiled } = query.compile();
  const inOrder =
    compiled.length === parameters.length && compiled.every((value, index) => value === parameters[index]);
  if (!inOrder) throw new TypeError('a prepared query must use exactly the given parameters, in their order');
  return sql;
}

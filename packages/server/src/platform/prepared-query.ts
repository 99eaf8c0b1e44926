// Queries of the hot path. Kysely builds and compiles a query anew each time, which costs several times what SQLite takes to run
// it; these are compiled once, by Kysely still, so that they are the same SQL in whatever dialect the store speaks, and then
// go to the connection without it.
import type { Compilable } from 'kysely';
import type { Connection } from './sqlite-connection.ts';
import { runStatement } from './sqlite-connection.ts';

/** Runs the query on a connection, not on one with tables, and gives its rows. */
export type PreparedQuery<P extends readonly unknown[], R> = (
  connection: Connection,
  ...parameters: P
) => Promise<R[]>;

/**
 * `build` writes the query with its parameters in the order in which it is given them, and nothing else that varies.
 * Throws `TypeError` at the first run when it does not.
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
  if (!inOrder)
    throw new TypeError('a prepared query has other parameters than it is given, or another order');
  return sql;
}

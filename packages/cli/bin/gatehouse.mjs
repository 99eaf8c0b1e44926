#!/usr/bin/env node
import { programFile } from '#program';
import { becomeIn, findRuntime, runHere } from './runtime.mjs';

try {
  const file = programFile();
  const args = process.argv.slice(2);
  if (!(await runHere(file, args))) becomeIn(findRuntime(), file, args);
} catch (error) {
  process.stderr.write(`gatehouse: ${error.message}\n`);
  process.exitCode = 1;
}

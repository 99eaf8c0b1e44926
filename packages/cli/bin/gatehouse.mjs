#!/usr/bin/env node
import { createRequire } from 'node:module';
import { findRuntime, runIn } from './runtime.mjs';

try {
  // The manifest of the package names the program: TypeScript in a clone, JavaScript in a built package.
  runIn(findRuntime(), createRequire(import.meta.url).resolve('#main'), process.argv.slice(2));
} catch (error) {
  process.stderr.write(`gatehouse: ${error.message}\n`);
  process.exitCode = 1;
}

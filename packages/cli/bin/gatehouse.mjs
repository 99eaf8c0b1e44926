#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { findRuntime, runIn } from './runtime.mjs';

try {
  runIn(findRuntime(), fileURLToPath(new URL('../src/main.ts', import.meta.url)), process.argv.slice(2));
} catch (error) {
  process.stderr.write(`gatehouse: ${error.message}\n`);
  process.exitCode = 1;
}

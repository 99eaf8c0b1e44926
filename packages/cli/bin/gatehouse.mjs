#!/usr/bin/env node
import { programFile } from '#program';
import { findRuntime, runIn } from './runtime.mjs';

try {
  runIn(findRuntime(), programFile(), process.argv.slice(2));
} catch (error) {
  process.stderr.write(`gatehouse: ${error.message}\n`);
  process.exitCode = 1;
}

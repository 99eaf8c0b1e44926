#!/usr/bin/env node
import { programFile } from '#program';
import { becomeIn, findRuntime } from './runtime.mjs';

try {
  becomeIn(findRuntime(), programFile(), process.argv.slice(2));
} catch (error) {
  process.stderr.write(`gatehouse: ${error.message}\n`);
  process.exitCode = 1;
}

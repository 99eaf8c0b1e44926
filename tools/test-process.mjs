// Runs in each process of `npm test` before its tests. Node's test runner follows every promise, timer and
// socket, so that it can say which test an error belongs to that no test awaits. That takes a fifth of the
// processor time of these tests. Without it, such an error still fails the process, and is printed here.
import asyncHooks from 'node:async_hooks';

const { createHook } = asyncHooks;
const idle = { enable: () => idle, disable: () => idle };
asyncHooks.createHook = () => idle;
await import('node:test'); // Takes the function from the module when it is loaded, and keeps it.
asyncHooks.createHook = createHook;

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => console.error(`${event} outside of a test:`, error));
}

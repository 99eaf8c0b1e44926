// The sample services: as a handler of requests, or served on a port.
export type { SamplesLog, SamplesLogEntry } from './log.ts';
export { createSamples, type Samples, type SamplesOptions } from './samples.ts';
export { type SamplesServer, type ServeSamplesOptions, serveSamples } from './serve.ts';

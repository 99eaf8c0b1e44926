// The process in which Gatehouse is measured: `node gatehouse-process.ts CONFIGURATION-FILE DATA-FOLDER`, until SIGTERM.
import { serve } from '@gatehouse/server';

const [config, data] = process.argv.slice(2);
// Nothing from the environment: a setting there must not change what is measured.
const server = await serve({ config, data, set: [], environment: {} });
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));

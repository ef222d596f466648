import { startStore } from './server.ts';

// A store in a process of its own, so that it can be killed. The folder comes as argument, the address goes to stdout.
const { endpoint } = await startStore({ dataDir: process.argv[2] ?? '' });
process.stdout.write(`${endpoint}\n`);

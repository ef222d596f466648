import { startStore } from '../../embedded/server.ts';

// The embedded store in a process of its own. The folder comes as argument, the address goes to stdout.
const { endpoint } = await startStore({ dataDir: process.argv[2] ?? '' });
process.stdout.write(`${endpoint}\n`);

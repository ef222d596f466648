import { startStore } from '../../embedded/server.ts';

// The embedded store in a process of its own. The folder comes as argument, and the master key, if it encrypts; the
// address goes to stdout.
const [, , dataDir = '', text] = process.argv;
const { endpoint } = await startStore({ dataDir, masterKey: text === undefined ? undefined : { text } });
process.stdout.write(`${endpoint}\n`);

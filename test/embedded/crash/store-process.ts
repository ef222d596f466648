import { startStore } from '../server.ts';
import { dieAt, nameSteps } from './steps.ts';

// A store in a process of its own, so that it can be killed. The folder comes as argument, the address goes to stdout,
// and a message says at which step to die.
const { endpoint, store } = await startStore({ dataDir: process.argv[2] ?? '', lifecycleDaySeconds: 0.05 });
nameSteps(store.server);
process.on('message', (step) => dieAt(String(step)));
process.stdout.write(`${endpoint}\n`);

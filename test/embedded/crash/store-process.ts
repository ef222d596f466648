import { startStore } from '../server.ts';
import { dieAt, nameSteps } from './steps.ts';

// A store in a process of its own, so that it can be killed. The folder comes as argument, and the master key, if it
// encrypts; the address goes to stdout, and a message says at which step to die.
const [, , dataDir = '', text] = process.argv;
const { endpoint, store } = await startStore({
  dataDir,
  lifecycleDaySeconds: 0.05,
  masterKey: text === undefined ? undefined : { text },
});
nameSteps(store.server);
process.on('message', (step) => dieAt(String(step)));
process.stdout.write(`${endpoint}\n`);

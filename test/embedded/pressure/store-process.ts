import { startStore } from '../server.ts';

// A store in a process of its own, so that its memory is nobody else's. Its address goes to stdout; it ends with stdin.
const { endpoint, stop } = await startStore();
process.stdout.write(`${endpoint}\n`);
process.stdin.on('end', () => void stop()).resume();

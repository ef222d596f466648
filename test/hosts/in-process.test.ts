import { hostSuite } from './suite/host-suite.ts';
import { openInProcess } from './suite/open-in-process.ts';

hostSuite('in this process', openInProcess, { attacks: 'requests' });

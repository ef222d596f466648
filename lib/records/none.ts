import { StowageError } from '../errors.ts';
import type { Records } from './port.ts';

/** Records of a deployment without a database: there are none, and none can be written. */
export function noRecords(): Records {
  const refuse = () =>
    Promise.reject(new StowageError('records_unavailable', 'This deployment has no database for records.'));
  return {
    get: async () => undefined,
    list: async () => ({ records: [] }),
    put: refuse,
    delete: refuse,
    add: refuse,
    transact: refuse,
    close: async () => {},
  };
}

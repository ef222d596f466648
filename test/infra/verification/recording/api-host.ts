import { originHeader } from '../../../../lib/config/origin-header.ts';
import type { Host } from '../../../hosts/suite/host.ts';
import { toApiGatewayEvent } from '../../../support/api-gateway-event.ts';
import { toResponse } from '../../../support/lambda-response.ts';
import { generatedSecret } from './stand-ins.ts';
import type { FunctionUnderItsRole } from './under-its-role.ts';

/** The API under its role, as CloudFront and API Gateway call it. */
export function apiHost({ invoke, openRecords, close }: FunctionUnderItsRole): Host {
  return {
    request: async (method, target, headers, body) => {
      const event = toApiGatewayEvent(method, target, { ...headers, [originHeader]: generatedSecret }, body);
      return toResponse((await invoke(event)).result);
    },
    hasRecords: openRecords !== undefined,
    cdnOrigin: 'https://files.example.com',
    close,
  };
}

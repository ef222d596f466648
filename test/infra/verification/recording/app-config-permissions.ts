import { dig } from '../dig.ts';
import type { AwsRequest, NeededPermission } from './aws-request.ts';
import type { Place } from './json-permissions.ts';

/**
 * The permissions that AppConfig's data plane asks for. A token of the stand-in begins with the ids that it is for.
 *
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-retrieving-simplified-methods.html
 */
export function appConfigPermissions(
  { path, query, body }: AwsRequest,
  { region, account }: Place,
): NeededPermission[] {
  const arnOf = (application: string, environment: string, configuration: string) =>
    `arn:aws:appconfig:${region}:${account}:application/${application}/environment/${environment}/configuration/${configuration}`;
  if (path === '/configurationsessions') {
    const id = (name: string) => String(dig(JSON.parse(body), `${name}Identifier`));
    const resource = arnOf(id('Application'), id('Environment'), id('ConfigurationProfile'));
    return [{ action: 'appconfig:StartConfigurationSession', resource }];
  }
  if (path === '/configuration') {
    const [application = '', environment = '', profile = ''] = (query.get('configuration_token') ?? '').split(
      '/',
    );
    return [
      { action: 'appconfig:GetLatestConfiguration', resource: arnOf(application, environment, profile) },
    ];
  }
  throw new Error(`Which permission does ${path} of AppConfig need?`);
}

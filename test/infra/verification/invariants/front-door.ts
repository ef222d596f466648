import { dig, textsAt } from '../dig.ts';
import { each, type Invariant } from './invariant.ts';

/** That requests come in throttled, logged without their secrets, and to a version that can be taken back. */
export const frontDoorInvariants: Readonly<Record<string, Invariant>> = {
  'an API takes no more than its throttle': each(['AWS::ApiGatewayV2::Stage'], (properties) => {
    const limits = ['ThrottlingRateLimit', 'ThrottlingBurstLimit'].map((name) =>
      Number(dig(properties, 'DefaultRouteSettings', name)),
    );
    return limits.every((limit) => limit > 0) ? undefined : 'takes whatever comes';
  }),

  'an API logs its requests': each(['AWS::ApiGatewayV2::Stage', 'AWS::ApiGateway::Stage'], (properties) => {
    const settings = properties['AccessLogSettings'] ?? properties['AccessLogSetting'];
    return dig(settings, 'DestinationArn') === undefined ? 'has no access log' : undefined;
  }),

  'an access log holds no query, which may carry a token': each(
    ['AWS::ApiGatewayV2::Stage', 'AWS::ApiGateway::Stage'],
    (properties) => {
      const settings = properties['AccessLogSettings'] ?? properties['AccessLogSetting'];
      const variables = String(dig(settings, 'Format')).match(/\$context\.[\w.]+|\$input[\w.]*/g) ?? [];
      const telling = variables.filter((name) => /query|authorizer|\$input|request\.header/i.test(name));
      return telling.length > 0 ? `logs ${telling.join(', ')}` : undefined;
    },
  ),

  'requests go to a version that can be taken back': each(
    ['AWS::ApiGatewayV2::Integration'],
    (properties) => {
      const [uri = ''] = textsAt(properties, 'IntegrationUri');
      return /:function:[^:]+:[^:]+$/.test(uri.replace(/\/invocations$/, '')) ? undefined : `calls ${uri}`;
    },
  ),

  'the function gives up before the gateway does': each(['AWS::Lambda::Function'], (properties) =>
    dig(properties, 'Handler') !== 'api.handler' || Number(dig(properties, 'Timeout')) <= 29
      ? undefined
      : 'may still be at work when API Gateway has answered 504',
  ),
};

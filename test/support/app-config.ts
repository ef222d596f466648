import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { drain, listen } from '../../lib/hosts/node.ts';

/** A stand-in for AWS AppConfig's data plane with one configuration, on loopback. */
export interface AppConfig {
  readonly url: string;
  /** Deploys another version. A number is the status of a service that does not answer well. */
  readonly deploy: (content: unknown) => void;
  /** `POST /configurationsessions`, `GET /configuration` */
  readonly calls: readonly string[];
  /** What was asked for: `APPLICATION/ENVIRONMENT/PROFILE`. */
  readonly sessions: readonly string[];
  readonly close: () => Promise<void>;
}

/**
 * A token is good for one question, and names the version that has been heard: an answer without a body means that there
 * is no other.
 */
export async function startAppConfig(initial: unknown = {}): Promise<AppConfig> {
  let content = initial;
  let version = 1;
  let tokens = 0;
  const heard = new Map<string, number>();
  const calls: string[] = [];
  const sessions: string[] = [];
  const tokenFor = (ids: string, known: number) => {
    const token = `${ids}/${(tokens += 1)}`;
    heard.set(token, known);
    return token;
  };

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://appconfig');
      calls.push(`${request.method} ${pathname}`);
      const isSigned = /\/appconfig\/aws4_request, /.test(request.headers.authorization ?? '');
      if (typeof content === 'number' || !isSigned) {
        return response.writeHead(typeof content === 'number' ? content : 403).end();
      }
      if (pathname === '/configurationsessions') {
        const asked = JSON.parse(body);
        const ids = ['Application', 'Environment', 'ConfigurationProfile']
          .map((name) => asked[`${name}Identifier`])
          .join('/');
        sessions.push(ids);
        return response.writeHead(201).end(JSON.stringify({ InitialConfigurationToken: tokenFor(ids, 0) }));
      }
      const token = searchParams.get('configuration_token') ?? '';
      const known = heard.get(token);
      if (!heard.delete(token)) return response.writeHead(400).end();
      response.setHeader(
        'Next-Poll-Configuration-Token',
        tokenFor(token.slice(0, token.lastIndexOf('/')), version),
      );
      return response.end(known === version ? '' : JSON.stringify(content));
    });
  });
  const port = await listen(server, 0, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}`,
    deploy: (next) => {
      content = next;
      version += 1;
    },
    calls,
    sessions,
    close: () => drain(server, 1),
  };
}

import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { AppEnv } from './env.ts';

/** The route that a request is for, as the contract names it: `DELETE /v1/objects/{bucket}/{key}`. Undefined for none. */
export function routeName(c: Context<AppEnv>): string | undefined {
  const route = matchedRoutes(c).findLast(({ method }) => method !== 'ALL');
  return route && `${route.method} ${templateOf(route.path)}`;
}

const templates = new Map<string, string>();

function templateOf(path: string): string {
  const known = templates.get(path);
  if (known !== undefined) return known;
  const template = path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}').replace(/(?<=.)\/$/, '');
  templates.set(path, template);
  return template;
}

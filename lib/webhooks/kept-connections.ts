import type { Agent } from 'node:http';

/** As in `lib/storage/exchange.ts`: importing these by name would load undici. */
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

/**
 * Connections to receivers that are kept for the next request. One is used again only while its host resolves to the very
 * addresses that it was opened to, and those are checked anew each time: it leads nowhere that a new one might not.
 */
export interface KeptConnections {
  readonly agentFor: (secure: boolean, addresses: readonly string[]) => Agent;
  readonly close: () => void;
}

/** Shorter than servers keep a connection open of which they hear nothing. */
const idleSeconds = 4;
/** More sets of addresses are not remembered, unless they are in use. */
const mostAgents = 200;

export function keepConnections(): KeptConnections {
  const agents = new Map<string, Agent>();

  function forgetIdle(): void {
    for (const [name, { sockets, freeSockets }] of agents) {
      const isIdle = Object.keys(sockets).length === 0 && Object.keys(freeSockets).length === 0;
      if (isIdle) agents.delete(name);
    }
  }

  return {
    agentFor: (secure, addresses) => {
      const name = [secure ? 'https' : 'http', ...addresses.toSorted()].join(' ');
      const known = agents.get(name);
      if (known) return known;
      if (agents.size >= mostAgents) forgetIdle();
      const options = { keepAlive: true, timeout: idleSeconds * 1000 };
      const agent = secure ? new https.Agent(options) : new http.Agent(options);
      agents.set(name, agent);
      return agent;
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

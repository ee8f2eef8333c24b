import { Agent, get } from "node:http";

export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly inFlight: number;
  readonly milliseconds: number;
}

/** Requests answered per second while `inFlight` of them are always under way. Raises when one is not answered 200. */
export async function measureLoad(load: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.inFlight });
  const until = performance.now() + load.milliseconds;
  let answered = 0;
  const worker = async () => {
    while (performance.now() < until) {
      await fetchOnce(load, agent);
      answered++;
    }
  };
  await Promise.all(Array.from({ length: load.inFlight }, worker));
  agent.destroy();
  return Math.round(answered / (load.milliseconds / 1000));
}

function fetchOnce({ url, headers }: Load, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}.`));
      response.resume().once("end", resolve);
    }).once("error", reject);
  });
}

import type { Connector, Runner } from "./connector.ts";

/**
 * A transaction as a connector: what a call does in a transaction of its own it does at a savepoint of this one. Whatever
 * would take another connection is no part of it.
 */
export function connectorInside(connector: Connector, inside: Runner): Connector {
  const { stream: _stream, estimate: _estimate, readAll: _readAll, ...rest } = connector;
  const { transaction } = inside;
  if (transaction === undefined) throw new Error("A transaction that stays open has savepoints.");
  return { ...rest, ...inside, transaction };
}

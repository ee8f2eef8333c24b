const cleanups = new Set<() => void>();
let listening = false;

/** Runs `cleanup`, which must be synchronous, when this process ends or is told to; the answer takes it back. */
export function atExit(cleanup: () => void): () => void {
  if (!listening) listen();
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

function listen(): void {
  listening = true;
  process.on("exit", cleanAll);
  // A worker whose main process was killed has nobody left to work for.
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      cleanAll();
      // Said again without this listener, the signal does what it would have done.
      process.kill(process.pid, signal);
    });
  }
}

function cleanAll(): void {
  // The last first: a process ends before its folder goes.
  for (const cleanup of [...cleanups].reverse()) {
    cleanups.delete(cleanup);
    try {
      cleanup();
    } catch (error) {
      console.error("A test server could not be cleaned up:", error);
    }
  }
}

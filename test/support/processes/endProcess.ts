import { until } from './startGateway.ts';

/** Ends a process as a user's system would, and waits for it; one that has ended already will do. */
export async function endProcess(pid: number): Promise<void> {
  if (isRunning(pid)) process.kill(pid, 'SIGTERM');
  await until(
    `process ${pid} to end`,
    async () => isRunning(pid),
    (running) => !running,
    10_000,
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

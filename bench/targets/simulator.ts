import { SimulatedEndpoint } from './simulatedEndpoint.ts';
import type { SimulatorCommand, SimulatorReply } from './simulatorMessages.ts';

// A process of its own: all fake endpoints of a run, commanded over IPC, gone with the process that started it.

const endpoints = new Map<number, SimulatedEndpoint>();

async function obey(command: SimulatorCommand): Promise<SimulatedEndpoint> {
  if (command.kind === 'open') {
    const opened = await SimulatedEndpoint.open(command.plan);
    endpoints.set(opened.port, opened);
    return opened;
  }
  const endpoint = endpoints.get(command.port);
  if (endpoint === undefined) throw new Error(`no endpoint on port ${command.port}`);
  switch (command.kind) {
    case 'plan':
      endpoint.plan = command.plan;
      break;
    case 'fault':
      await endpoint.fail(command.fault);
      break;
    case 'close':
      await endpoint.close();
      endpoints.delete(command.port);
      break;
    case 'counts':
      break;
    default:
      command satisfies never;
  }
  return endpoint;
}

process.on('message', (message) => {
  const { id, command } = message as { id: number; command: SimulatorCommand };
  void obey(command).then(({ port, counts }) => {
    const reply: SimulatorReply = { id, port, counts };
    process.send?.(reply);
  });
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole process group; the driver decides when this process ends.
process.on('SIGINT', () => {});

// What a thread or a process runs that has instances in it: a whole Bailiwick, with the machine that its walls leave it.
import { nodeMachine } from '../../ambient/machine.ts';
import { connectToHost } from '../../ambient/workers/connect-to-host.ts';
import { askOver } from './ask-host.ts';
import { type Message, Peer } from './peer.ts';
import type { HostCalls } from './protocol.ts';
import { WorkerInstances } from './worker-instances.ts';

const port = connectToHost();
const host = new Peer<HostCalls>(
  (message) => port.post(message),
  // What is offered needs the peer, and is asked for only when this module has run.
  { ...offers() },
);
port.onMessage((message) => host.receive(message as Message));

function offers(): ReturnType<WorkerInstances['offer']> {
  return new WorkerInstances({ machine: nodeMachine, host: () => host, ask: askOver(port) }).offer();
}

/**
 * The plain forms against the types that jco publishes for preview2-shim. Nothing here runs: `npm run typecheck` is the test.
 */
import type * as WasiEnvironment from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-environment';
import type * as WasiExit from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-exit';
import type * as WasiStderr from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-stderr';
import type * as WasiStdin from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-stdin';
import type * as WasiStdout from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-stdout';
import type * as WasiTerminalStderr from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-terminal-stderr';
import type * as WasiTerminalStdin from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-terminal-stdin';
import type * as WasiTerminalStdout from '@bytecodealliance/preview2-shim/interfaces/wasi-cli-terminal-stdout';
import type * as WasiMonotonicClock from '@bytecodealliance/preview2-shim/interfaces/wasi-clocks-monotonic-clock';
import type * as WasiWallClock from '@bytecodealliance/preview2-shim/interfaces/wasi-clocks-wall-clock';
import type * as WasiPreopens from '@bytecodealliance/preview2-shim/interfaces/wasi-filesystem-preopens';
import type * as WasiTypes from '@bytecodealliance/preview2-shim/interfaces/wasi-filesystem-types';
import type * as WasiError from '@bytecodealliance/preview2-shim/interfaces/wasi-io-error';
import type * as WasiPoll from '@bytecodealliance/preview2-shim/interfaces/wasi-io-poll';
import type * as WasiStreams from '@bytecodealliance/preview2-shim/interfaces/wasi-io-streams';
import type * as WasiInsecure from '@bytecodealliance/preview2-shim/interfaces/wasi-random-insecure';
import type * as WasiInsecureSeed from '@bytecodealliance/preview2-shim/interfaces/wasi-random-insecure-seed';
import type * as WasiRandom from '@bytecodealliance/preview2-shim/interfaces/wasi-random-random';
import type * as WasiInstanceNetwork from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-instance-network';
import type * as WasiIpNameLookup from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-ip-name-lookup';
import type * as WasiTcp from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-tcp';
import type * as WasiTcpCreateSocket from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-tcp-create-socket';
import type * as WasiUdp from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-udp';
import type * as WasiUdpCreateSocket from '@bytecodealliance/preview2-shim/interfaces/wasi-sockets-udp-create-socket';
import type { Environment } from '../../../../shims/preview2/cli/environment.ts';
import type { Exit } from '../../../../shims/preview2/cli/exit.ts';
import type { Stderr } from '../../../../shims/preview2/cli/stderr.ts';
import type { Stdin } from '../../../../shims/preview2/cli/stdin.ts';
import type { Stdout } from '../../../../shims/preview2/cli/stdout.ts';
import type { TerminalStderr } from '../../../../shims/preview2/cli/terminal-stderr.ts';
import type { TerminalStdin } from '../../../../shims/preview2/cli/terminal-stdin.ts';
import type { TerminalStdout } from '../../../../shims/preview2/cli/terminal-stdout.ts';
import type { MonotonicClock } from '../../../../shims/preview2/clocks/monotonic-clock.ts';
import type { WallClock } from '../../../../shims/preview2/clocks/wall-clock.ts';
import type { Preopens } from '../../../../shims/preview2/filesystem/preopens.ts';
import type {
  Descriptor,
  DirectoryEntryStream,
  FilesystemTypes,
} from '../../../../shims/preview2/filesystem/types.ts';
import type { Error } from '../../../../shims/preview2/io/error.ts';
import type { Poll, Pollable } from '../../../../shims/preview2/io/poll.ts';
import type { InputStream, OutputStream } from '../../../../shims/preview2/io/streams.ts';
import type { Insecure } from '../../../../shims/preview2/random/insecure.ts';
import type { InsecureSeed } from '../../../../shims/preview2/random/insecure-seed.ts';
import type { Random } from '../../../../shims/preview2/random/random.ts';
import type { InstanceNetwork } from '../../../../shims/preview2/sockets/instance-network.ts';
import type { ResolveAddressStream } from '../../../../shims/preview2/sockets/ip-name-lookup.ts';
import type { TcpSocket } from '../../../../shims/preview2/sockets/tcp.ts';
import type { TcpCreateSocket } from '../../../../shims/preview2/sockets/tcp-create-socket.ts';
import type {
  IncomingDatagramStream,
  OutgoingDatagramStream,
  UdpSocket,
} from '../../../../shims/preview2/sockets/udp.ts';
import type { UdpCreateSocket } from '../../../../shims/preview2/sockets/udp-create-socket.ts';

/** The published type with our classes in the place of theirs, and with promises where a call may wait. */
type Ours<T> = T extends WasiStreams.InputStream
  ? InputStream
  : T extends WasiStreams.OutputStream
    ? OutputStream
    : T extends WasiTypes.Descriptor
      ? Descriptor
      : T extends WasiTypes.DirectoryEntryStream
        ? DirectoryEntryStream
        : T extends WasiPoll.Pollable
          ? Pollable
          : T extends WasiError.Error
            ? Error
            : OurSockets<T>;

/** The published type of a network has nothing in it, so that every type is one. */
type TakesNetwork = 'startBind' | 'startConnect';

type OurSockets<T> = T extends WasiTcp.TcpSocket
  ? TcpSocket
  : T extends WasiUdp.UdpSocket
    ? UdpSocket
    : T extends WasiUdp.IncomingDatagramStream
      ? IncomingDatagramStream
      : T extends WasiUdp.OutgoingDatagramStream
        ? OutgoingDatagramStream
        : T extends WasiIpNameLookup.ResolveAddressStream
          ? ResolveAddressStream
          : T;

type Parameter<T> = T extends readonly (infer E)[] ? readonly Ours<E>[] : Ours<T>;
type Result<T> = T extends [infer A, infer B]
  ? [Ours<A>, Ours<B>]
  : T extends (infer E)[]
    ? Result<E>[]
    : Ours<T>;
type Parameters_<P extends unknown[]> = { [K in keyof P]: Parameter<P[K]> };

/** What a function of the published type must be like here. `never` fits everything: `exit` does not return. */
type Contract<F> = F extends (...args: infer P) => infer R
  ? (...args: Parameters_<P>) => Result<R> | Promise<Result<R>>
  : never;

type Functions<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: Contract<T[K]>;
};

/** Fails to compile when `A` lacks a function of `C` or has it with another type. */
type Satisfies<C, A extends Functions<C>> = A;

export type Checks = [
  Satisfies<typeof WasiEnvironment, Environment>,
  Satisfies<typeof WasiExit, Exit>,
  Satisfies<typeof WasiStderr, Stderr>,
  Satisfies<typeof WasiStdin, Stdin>,
  Satisfies<typeof WasiStdout, Stdout>,
  Satisfies<typeof WasiTerminalStderr, TerminalStderr>,
  Satisfies<typeof WasiTerminalStdin, TerminalStdin>,
  Satisfies<typeof WasiTerminalStdout, TerminalStdout>,
  Satisfies<typeof WasiMonotonicClock, MonotonicClock>,
  Satisfies<typeof WasiWallClock, WallClock>,
  Satisfies<typeof WasiPreopens, Preopens>,
  Satisfies<Pick<typeof WasiTypes, 'filesystemErrorCode'>, FilesystemTypes>,
  Satisfies<Pick<typeof WasiPoll, 'poll'>, Poll>,
  Satisfies<typeof WasiRandom, Random>,
  Satisfies<typeof WasiInsecure, Insecure>,
  Satisfies<typeof WasiInsecureSeed, InsecureSeed>,
  Satisfies<WasiTypes.Descriptor, Descriptor>,
  Satisfies<WasiTypes.DirectoryEntryStream, DirectoryEntryStream>,
  Satisfies<WasiStreams.InputStream, InputStream>,
  Satisfies<WasiStreams.OutputStream, OutputStream>,
  Satisfies<WasiPoll.Pollable, Pollable>,
  Satisfies<WasiError.Error, Error>,
  Satisfies<typeof WasiInstanceNetwork, InstanceNetwork>,
  Satisfies<typeof WasiTcpCreateSocket, TcpCreateSocket>,
  Satisfies<typeof WasiUdpCreateSocket, UdpCreateSocket>,
  Satisfies<WasiIpNameLookup.ResolveAddressStream, ResolveAddressStream>,
  Satisfies<Omit<WasiTcp.TcpSocket, TakesNetwork>, TcpSocket>,
  Satisfies<Omit<WasiUdp.UdpSocket, TakesNetwork>, UdpSocket>,
  Satisfies<WasiUdp.IncomingDatagramStream, IncomingDatagramStream>,
  Satisfies<WasiUdp.OutgoingDatagramStream, OutgoingDatagramStream>,
];

/** The wire formats that agents speak, by the route that each asks. */
export type AgentDialect = 'chat' | 'messages' | 'responses';

/** Where and as which model an agent is to ask, and for what. */
export interface AgentTask {
  readonly dialect: AgentDialect;
  /** Of the gateway or an endpoint, without `/v1`. */
  readonly url: string;
  readonly token: string;
  readonly prompt: string;
  /** Its HOME and working directory. */
  readonly home: string;
  /** Continues the last session of this home. */
  readonly isResumed: boolean;
}

/** A program to start; the environment adds to one that knows nothing but PATH, the home folder and loopback. */
export interface AgentCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A tool and its arguments. */
export interface ToolCall {
  readonly name: string;
  readonly input: object;
}

/** A coding agent that is run in its print mode: one task, then it ends. */
export interface Agent {
  readonly name: string;
  readonly dialects: readonly AgentDialect[];
  /** Always asks again by itself after its stream has broken off; otherwise its turn may end with an error. */
  readonly asksAgain: boolean;
  /** Continues its last session in print mode. */
  readonly canResume: boolean;
  /** A call of its tool for shell commands, as a model makes it. */
  shell(command: string): ToolCall;
  /** Fetches it where it is not there yet. */
  provision(): Promise<unknown>;
  /** Writes its settings into the task's home and says how it is started. */
  prepare(task: AgentTask): Promise<AgentCommand>;
}

/** The model that agents ask for; both endpoints of a rig have it. */
export const agentModel = 'claude-of-both';

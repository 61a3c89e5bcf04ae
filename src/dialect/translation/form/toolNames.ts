/** The names of a request's tools, made legal for an endpoint and given back in its answer. */
export interface ToolNames {
  /** The name for the endpoint: at most 64 of `[A-Za-z0-9_-]`. */
  sent(name: string): string;
  /** The client's name of a tool that the endpoint calls; an unknown name is kept. */
  given(sent: string): string;
}

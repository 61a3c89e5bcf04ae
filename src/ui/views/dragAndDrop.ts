import * as vscode from 'vscode';

const endpointsMime = 'application/vnd.code.tree.signalbox.endpoints';
const sessionsMime = 'application/vnd.code.tree.signalbox.sessions';

type Controller = vscode.TreeDragAndDropController<string>;

/** The effects of dropping; ids are those of nodes. */
export interface DropActions {
  /** An endpoint takes the place of another one, or the last one. */
  readonly placeEndpoint: (id: string, target: string | undefined) => void;
  readonly moveSession: (sessionId: string, endpointId: string) => void;
}

/** Endpoints can be dropped on each other, which changes their priority, and sessions on them. */
export function endpointDrops({ placeEndpoint, moveSession }: DropActions): Controller {
  return {
    dragMimeTypes: [],
    dropMimeTypes: [endpointsMime, sessionsMime],
    handleDrag: (ids, transfer) => transfer.set(endpointsMime, new vscode.DataTransferItem(ids)),
    handleDrop: (target, transfer) => {
      const endpointId = target?.split('/')[0];
      const session = firstOf(transfer, sessionsMime);
      if (session !== undefined && endpointId !== undefined) moveSession(session, endpointId);
      const endpoint = firstOf(transfer, endpointsMime)?.split('/')[0];
      if (endpoint !== undefined && endpoint !== endpointId) placeEndpoint(endpoint, endpointId);
    },
  };
}

/** Sessions can be dropped on the group of another endpoint, or on a session there. `endpointOf`: of a node of this view. */
export function sessionDrops(
  { moveSession }: DropActions,
  endpointOf: (node: string) => string | undefined,
): Controller {
  return {
    dragMimeTypes: [],
    dropMimeTypes: [sessionsMime],
    handleDrag: (ids, transfer) => transfer.set(sessionsMime, new vscode.DataTransferItem(ids)),
    handleDrop: (target, transfer) => {
      const session = firstOf(transfer, sessionsMime);
      const endpointId = target === undefined ? undefined : endpointOf(target);
      if (session !== undefined && endpointId !== undefined) moveSession(session, endpointId);
    },
  };
}

/**
 * The first dragged node; only strings of our own trees count. From another tree VS Code brings the list as JSON, behind an
 * item of its own of the same type.
 */
function firstOf(transfer: vscode.DataTransfer, mime: string): string | undefined {
  for (const [type, { value }] of transfer) {
    const ids: unknown = typeof value === 'string' ? parsed(value) : value;
    const first: unknown = type === mime && Array.isArray(ids) ? ids[0] : undefined;
    if (typeof first === 'string') return first;
  }
  return undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

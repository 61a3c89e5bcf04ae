import { agentSuite } from '../../support/clients/agents/agentSuite.ts';
import { codex } from '../../support/clients/agents/codex.ts';

agentSuite(codex);

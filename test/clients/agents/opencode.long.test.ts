import { agentSuite } from '../../support/clients/agents/agentSuite.ts';
import { opencode } from '../../support/clients/agents/opencode.ts';

agentSuite(opencode);

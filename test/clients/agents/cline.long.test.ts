import { agentSuite } from '../../support/clients/agents/agentSuite.ts';
import { cline } from '../../support/clients/agents/cline.ts';

agentSuite(cline);

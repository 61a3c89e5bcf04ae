import { agentSuite } from '../../support/clients/agents/agentSuite.ts';
import { continueAgent } from '../../support/clients/agents/continueCli.ts';

agentSuite(continueAgent);
